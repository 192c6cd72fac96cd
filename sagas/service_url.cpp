#include "sagas/service_url.hpp"
#include "sagas/ascii.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace skald::sagas {
namespace {

// Names and addresses under which clouds answer with credentials of the machine itself.
constexpr std::array<std::string_view, 4> kMetadataNames = {"metadata", "metadata.google.internal",
                                                            "metadata.goog", "instance-data"};

bool is_metadata_address(const in_addr& address) {
  const std::uint32_t number = ntohl(address.s_addr);
  constexpr std::uint32_t kAlibaba = 100u << 24 | 100u << 16 | 100u << 8 | 200u;
  return number >> 16 == (169u << 8 | 254u) || number == kAlibaba;
}

bool is_metadata_address(const in6_addr& address) {
  if (address.s6_addr[0] == 0xFE && (address.s6_addr[1] & 0xC0) == 0x80) return true;  // fe80::/10
  in6_addr amazon{};
  inet_pton(AF_INET6, "fd00:ec2::254", &amazon);
  if (std::memcmp(&address, &amazon, sizeof amazon) == 0) return true;
  if (!IN6_IS_ADDR_V4MAPPED(&address)) return false;
  in_addr mapped{};
  std::memcpy(&mapped, &address.s6_addr[12], sizeof mapped);
  return is_metadata_address(mapped);
}

// Why that host is none, or "" where it is one.
std::string fault_of_bracketed(const std::string& host) {
  in6_addr address{};
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) return "'" + host + "' is no IPv6 address";
  return is_metadata_address(address) ? "'" + host + "' is a link-local or metadata address" : "";
}

std::string fault_of_host(const std::string& host) {
  if (host.empty()) return "the host is missing";
  if (host.size() > 253) return "the host is longer than 253 characters";
  const bool has_bad_character = std::any_of(host.begin(), host.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !letter && !is_digit(c) && c != '-' && c != '.' && c != '_';
  });
  if (has_bad_character || host.front() == '.' || host.front() == '-' || host.find("..") != std::string::npos)
    return "'" + host + "' is no host name";

  std::string name = host;
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  if (name.ends_with('.')) name.pop_back();
  if (std::find(kMetadataNames.begin(), kMetadataNames.end(), name) != kMetadataNames.end())
    return "'" + host + "' is a cloud's metadata service";

  // The last label of a name has a letter first; else resolvers read it as an address, also 0x7f.1 and
  // 2130706433.
  const std::string last = name.substr(name.rfind('.') + 1);
  if (last.empty() || !is_digit(last.front())) return "";
  in_addr address{};
  if (inet_pton(AF_INET, name.c_str(), &address) != 1)
    return "'" + host + "' is no IPv4 address of four decimal numbers";
  return is_metadata_address(address) ? "'" + host + "' is a link-local or metadata address" : "";
}

std::string fault_of_port(std::string_view port) {
  unsigned number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool whole = read.ec == std::errc{} && read.ptr == port.data() + port.size();
  return whole && number >= 1 && number <= 65'535 ? "" : "'" + std::string(port) + "' is no port";
}

std::string fault_of_path(std::string_view path) {
  for (std::size_t start = 0; start < path.size();) {
    const std::size_t end = std::min(path.find('/', start + 1), path.size());
    const std::string_view segment = path.substr(start + 1, end - start - 1);
    if (segment == "." || segment == ".." || (segment.empty() && end < path.size()))
      return "the base path has an empty segment, '.' or '..'";
    start = end;
  }
  return "";
}

std::string fault_of_authority(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos)
    return "it holds a user name or password; put credentials into headers, from .secrets";
  std::size_t host_end = std::min(authority.find(':'), authority.size());
  std::string fault;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return "']' is missing";
    fault = fault_of_bracketed(std::string(authority.substr(1, close - 1)));
    host_end = close + 1;
  } else {
    fault = fault_of_host(std::string(authority.substr(0, host_end)));
  }
  if (!fault.empty() || host_end == authority.size()) return fault;
  if (authority[host_end] != ':') return "only a port may follow the host";
  return fault_of_port(authority.substr(host_end + 1));
}

}  // namespace

Result<std::string> check_service_url(std::string_view url) {
  const auto refused = [&](const std::string& why) {
    return invalid("'" + std::string(url) + "' cannot be a service's url: " + why);
  };
  if (url.starts_with("https://"))
    return refused("only http:// is supported by this version; let a proxy beside it speak TLS");
  if (!url.starts_with("http://")) return refused("it must begin with http://");
  for (const char c : url)
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7F || c == '\\')
      return refused("it holds a blank or a character outside of ASCII");
  if (url.find_first_of("?#") != std::string_view::npos) return refused("it has a query or a fragment");

  const std::string_view rest = url.substr(7);
  const std::size_t path_at = std::min(rest.find('/'), rest.size());
  for (const std::string& fault :
       {fault_of_authority(rest.substr(0, path_at)), fault_of_path(rest.substr(path_at))})
    if (!fault.empty()) return refused(fault);
  if (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url);
}

}  // namespace skald::sagas
