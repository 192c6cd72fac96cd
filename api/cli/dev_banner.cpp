#include "api/cli/dev_banner.hpp"

#include <algorithm>
#include <cstdlib>

#include "api/config.hpp"
#include "api/version.hpp"
#include "sagas/example_input.hpp"

namespace skald::api {
namespace {

namespace fs = std::filesystem;

// What a person has to type for this very program: its name where the shell finds it, else its path.
std::string program() {
  std::error_code failure;
  const auto self = fs::read_symlink("/proc/self/exe", failure);
  if (failure) return "skald";
  std::string path = std::getenv("PATH") ? std::getenv("PATH") : "";
  for (std::size_t begin = 0; begin < path.size();) {
    const auto end = std::min(path.find(':', begin), path.size());
    if (fs::equivalent(fs::path(path.substr(begin, end - begin)) / "skald", self, failure)) return "skald";
    begin = end + 1;
  }
  const auto near = self.lexically_proximate(fs::current_path()).string();
  if (near.starts_with("..")) return self.string();
  return near.find('/') == std::string::npos ? "./" + near : near;
}

std::string server_option(const std::string& address) {
  return address == "http://127.0.0.1:8088" ? "" : " --server " + address;
}

bool has_examples(const DefinitionFiles::Known& known) {
  return known.input_schema.is_object() && known.input_schema.find("examples") != nullptr;
}

// Those whose schema gives an example of the whole input, where any does: it says that the saga can be begun
// with it as things stand, while many of the others need the id of what somebody has begun before.
std::map<std::string, DefinitionFiles::Known> to_begin_with(
    const std::map<std::string, DefinitionFiles::Known>& all) {
  std::map<std::string, DefinitionFiles::Known> some;
  for (const auto& [name, known] : all)
    if (has_examples(known)) some.emplace(name, known);
  return some.empty() ? all : some;
}

// A connection string has single quotes of its own.
std::string double_quoted(const std::string& text) {
  return text.find_first_of("\"\\$`!") == std::string::npos ? '"' + text + '"' : shell_quoted(text);
}

}  // namespace

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string banner_text(const DevBanner& banner) {
  const auto skald = program(), server = server_option(banner.address);
  std::string text = "\nSkald " + std::string(kVersion) + " on " + banner.address + "\n";
  for (const auto& [name, known] : banner.definitions)
    text += "  " + name + (known.title.empty() ? "" : ": " + known.title) + "\n";
  if (banner.definitions.empty())
    return text + "  no *.saga.yaml here yet; put one into this directory and it is loaded\n\n";
  text += "\nTry in another terminal:\n";
  for (const auto& [name, known] : to_begin_with(banner.definitions)) {
    const Json input = sagas::example_input(known.input_schema);
    text += "  " + skald + " start " + name + server + (known.waits_for_events ? "" : " --wait") +
            (known.input_schema.is_null() ? "" : " --input " + shell_quoted(input.dump())) + "\n";
  }
  text += "  " + skald + " list" + server + "\n";
  text +=
      "  " + skald + " events ID" + server + "          # the story of one, by the id that start prints\n";
  text += "  " + skald + " cancel ID" + server + "          # undoes it\n";
  text += "  psql " + double_quoted(without_password(banner.conninfo)) +
          " -c \"select time, type, step, what from skald.story where saga_id = 'ID' order by version\"\n\n";
  return text;
}

}  // namespace skald::api
