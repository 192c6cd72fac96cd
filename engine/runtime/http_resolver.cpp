#include "engine/runtime/http_resolver.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <utility>

namespace skald::runtime {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using boost::asio::ip::tcp;

namespace {

bool is_forbidden(const address_v4& address) {
  const auto number = address.to_uint();
  const bool link_local = number >> 16 == 0xA9FE;  // 169.254.0.0/16, with the metadata service of most clouds
  const bool alibaba_metadata = number == 0x646464C8;  // 100.100.100.200
  return link_local || alibaba_metadata;
}

// The IPv4 address in the last four bytes, where the prefix says that there is one: ::ffff:0:0/96 (mapped),
// 64:ff9b::/96 (translated, RFC 6052), ::/96 (compatible, obsolete).
bool hides_forbidden(const address_v6::bytes_type& bytes) {
  static constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr std::array<unsigned char, 12> kTranslated = {0, 0x64, 0xff, 0x9b};
  static constexpr std::array<unsigned char, 12> kCompatible = {};
  const auto begins_with = [&](const std::array<unsigned char, 12>& prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
  };
  if (!begins_with(kMapped) && !begins_with(kTranslated) && !begins_with(kCompatible)) return false;
  return is_forbidden(address_v4({bytes[12], bytes[13], bytes[14], bytes[15]}));
}

bool is_forbidden(const address_v6& address) {
  static const address_v6 kAmazonMetadata = boost::asio::ip::make_address_v6("fd00:ec2::254");
  const auto bytes = address.to_bytes();
  return address.is_link_local() || bytes == kAmazonMetadata.to_bytes() || hides_forbidden(bytes);
}

}  // namespace

bool is_forbidden_address(const address& address) {
  return address.is_v4() ? is_forbidden(address.to_v4()) : is_forbidden(address.to_v6());
}

HttpResolver::HttpResolver(boost::asio::io_context& io, std::string host, std::uint16_t port, Duration keep)
    : resolver_(io), host_(std::move(host)), port_(port), keep_(keep) {
  boost::system::error_code no_literal;
  const auto literal = boost::asio::ip::make_address(host_, no_literal);
  if (no_literal) return;
  known_.emplace_back(literal, port_);
  is_literal_ = true;
}

void HttpResolver::resolve(Callback callback) {
  if (is_literal_ || Clock::now() < known_until_) {
    return boost::asio::post(resolver_.get_executor(),
                             [callback = std::move(callback), found = allowed(known_)] { callback(found); });
  }
  waiting_.push_back(std::move(callback));
  if (waiting_.size() == 1) look_up();
}

void HttpResolver::look_up() {
  resolver_.async_resolve(
      host_, std::to_string(port_), tcp::resolver::numeric_service,
      [self = shared_from_this()](const boost::system::error_code& failure,
                                  tcp::resolver::results_type found) {
        HttpEndpoints endpoints;
        for (const auto& entry : found) endpoints.push_back(entry.endpoint());
        auto result = failure ? Result<HttpEndpoints>(unavailable("the host " + self->host_ +
                                                                  " has no address: " + failure.message()))
                              : self->allowed(endpoints);
        if (!failure) self->known_until_ = Clock::now() + self->keep_;
        self->known_ = std::move(endpoints);
        for (auto& callback : std::exchange(self->waiting_, {})) callback(result);
      });
}

Result<HttpEndpoints> HttpResolver::allowed(HttpEndpoints found) const {
  std::erase_if(found,
                [](const tcp::endpoint& endpoint) { return is_forbidden_address(endpoint.address()); });
  if (found.empty())
    return unavailable("the host " + host_ +
                       " has only addresses that are never called (link-local or metadata)");
  return found;
}

}  // namespace skald::runtime
