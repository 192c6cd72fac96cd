#include "api/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace skald::api {
namespace {

rlimit limit_now() {
  rlimit limit{};
  // It fails only for a resource that does not exist.
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

}  // namespace

std::size_t raise_descriptor_limit(std::size_t wanted) {
  rlimit limit = limit_now();
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit_now().rlim_cur;
}

std::size_t descriptors_to_be_had() {
  return limit_now().rlim_max;
}

std::size_t connections_within(std::size_t descriptors, std::size_t lanes) {
  // Where there are very few, clients and the rest of the node halve them.
  const std::size_t beside = std::min(kDescriptorsBeside, descriptors / 2);
  return std::max<std::size_t>(1, (descriptors - beside) / lanes);
}

}  // namespace skald::api
