#include "api/cli/json_argument.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

namespace skald::api {
namespace {

Result<Json> parsed(const std::string& what, const std::string& text) {
  auto json = parse_json(text);
  return json ? json : Result<Json>(invalid(what + ": " + json.error().message));
}

}  // namespace

Result<Json> json_argument(const std::string& option, const std::string& given) {
  if (given.empty()) return Json();
  if (given[0] != '@') return parsed(option, given);
  const std::string path = given.substr(1);
  if (path == "-") return parsed(path, std::string(std::istreambuf_iterator<char>(std::cin), {}));
  std::ifstream file(path, std::ios::binary);
  if (!file) return invalid(option + ": the file " + path + " cannot be read");
  return parsed(path, std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace skald::api
