// The first words of `skald dev`: where it is, and what to type next.
#pragma once

#include <map>
#include <string>

#include "api/definition_files.hpp"

namespace skald::api {

struct DevBanner {
  std::string address;   // "http://127.0.0.1:8088"
  std::string conninfo;  // for psql
  std::map<std::string, DefinitionFiles::Known> definitions;
};
std::string banner_text(const DevBanner& banner);

// Within single quotes, for a POSIX shell.
std::string shell_quoted(const std::string& text);

}  // namespace skald::api
