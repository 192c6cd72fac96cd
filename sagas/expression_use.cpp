#include "sagas/expression_use.hpp"

#include "sagas/yaml_value.hpp"

namespace skald::sagas {
namespace {

Place place_of(const core::TemplateError& error, const Yaml& text) {
  return text.place_in_text(error.offset);
}

// Where the reference most probably is written; npos where it is written otherwise: .a["b c"].
std::size_t find_in(const std::string& text, const core::Reference& reference) {
  for (std::size_t length = reference.size(); length > 0; --length) {
    const core::Reference front(reference.begin(), reference.begin() + static_cast<std::ptrdiff_t>(length));
    const std::size_t at = text.find(to_text(front));
    if (at != std::string::npos) return at;
  }
  return std::string::npos;
}

// In longer texts every use would cost a search through much of the file; they get the place of the text.
constexpr std::size_t kLongestSearched = 64u << 10;

bool default_follows(std::string_view text, std::size_t at) {
  return text.substr(at, text.find('}', at) - at).find("//") != std::string_view::npos;
}

}  // namespace

std::string to_text(const core::Reference& reference) {
  std::string text;
  for (const std::string& name : reference) text += '.' + name;
  return text.empty() ? "." : text;
}

bool is_one_expression(const core::Template& value) {
  if (!value.source().is_string()) return false;
  const auto text = core::TextWithExpressions::compile(value.source().as_string());
  return text && text->only_program() != nullptr;
}

std::optional<core::Template> ExpressionReader::read(const Yaml& value, ExpressionSite site,
                                                     std::size_t step) {
  // Each text alone first, so that all faults of a value are found, each at its own place.
  if (!check(value, site, step)) return std::nullopt;
  auto compiled = core::Template::compile(value.to_json());
  if (compiled) return *compiled;
  faults_.error(value.place_of(compiled.error().pointer), compiled.error().message);
  return std::nullopt;
}

std::optional<core::Template> ExpressionReader::read_single(const Yaml& value, ExpressionSite site,
                                                            std::size_t step) {
  if (!value.is(Yaml::Kind::List) && !value.is(Yaml::Kind::Map) && !value.is(Yaml::Kind::Null))
    return read(value, site, step);
  expected("a text or an expression", value, faults_);
  return std::nullopt;
}

std::optional<core::PathTemplate> ExpressionReader::read_path(const Yaml& value, ExpressionSite site,
                                                              std::size_t step) {
  const auto text = read_text(value, faults_);
  if (!text) return std::nullopt;
  auto compiled = core::PathTemplate::compile(*text);
  if (!compiled) {
    faults_.error(place_of(compiled.error(), value), compiled.error().message);
    return std::nullopt;
  }
  note(value, compiled->references(), site, step);
  return *compiled;
}

bool ExpressionReader::check(const Yaml& value, ExpressionSite site, std::size_t step) {
  bool good = true;
  for (const Yaml& item : value.items()) good = check(item, site, step) && good;
  for (const Yaml::Member& member : value.members()) good = check(member.value, site, step) && good;
  if (!value.is(Yaml::Kind::Text)) return good;

  const auto compiled = core::Template::compile(value.scalar());
  if (compiled) {
    note(value, compiled->references(), site, step);
    return true;
  }
  faults_.error(place_of(compiled.error(), value), compiled.error().message);
  return false;
}

void ExpressionReader::note(const Yaml& text, const std::vector<core::Reference>& references,
                            ExpressionSite site, std::size_t step) {
  for (const core::Reference& reference : references) {
    const bool searched = text.text().size() <= kLongestSearched;
    const std::size_t at = searched ? find_in(text.text(), reference) : std::string::npos;
    if (at == std::string::npos)
      uses_.push_back({reference, text.place(), site, step, false});
    else
      uses_.push_back({reference, text.place_in_text(at), site, step, default_follows(text.text(), at)});
  }
}

}  // namespace skald::sagas
