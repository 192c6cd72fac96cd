#include "api/text_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace skald::api {
namespace {

// Sixteen times what a request may hold: a bound against a mistaken path, not a rule.
constexpr std::uintmax_t kMostBytes = 16u << 20;

}  // namespace

Result<std::string> read_text_file(const std::filesystem::path& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) return invalid(path.string() + " is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) return invalid(path.string() + " cannot be read: " + std::strerror(errno));
  const auto size = std::filesystem::file_size(path, failure);
  if (!failure && size > kMostBytes) return invalid(path.string() + " is larger than 16 MiB");
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

}  // namespace skald::api
