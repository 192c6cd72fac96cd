// Template: a value with expressions inside, as definitions hold them wherever a value is expected;
// PathTemplate: the path of a request. Both are compiled once per definition. A text that is nothing but one
// ${ … } keeps the type of its result; otherwise results are put into the text. $${ stands for a literal ${.
#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/core/expression/program.hpp"
#include "engine/core/expression/text_with_expressions.hpp"

namespace skald::core {

struct TemplateError {
  std::string pointer;     // JSON pointer (RFC 6901) of the text inside the value; "" is the value itself
  std::size_t offset = 0;  // in bytes, in that text
  std::string message;     // a sentence without the place
  bool operator==(const TemplateError&) const = default;
};
// Found by argument-dependent look-up when value() is called on a failure.
[[noreturn]] void throw_exception_from_error(const TemplateError& error, const boost::source_location& where);

class Template {
 public:
  // The constant null.
  Template() = default;
  static boost::system::result<Template, TemplateError> compile(const Json& source);

  // The value with every expression replaced by its result. An Error names the pointer of the failing text.
  Result<Json> evaluate(const Json& root, const Budget& budget = {}) const;
  // The result as text: a string as it is, a number by its text, true or false. Null, list and map are
  // errors.
  Result<std::string> evaluate_text(const Json& root) const;

  // Each path once.
  const std::vector<Reference>& references() const;
  const Json& source() const { return source_; }
  bool is_constant() const { return references().empty(); }

  struct Node;

 private:
  Json source_;
  // Null for the constant null. Shared because definitions are copied into sagas.
  std::shared_ptr<const Node> root_;
  std::shared_ptr<const std::vector<Reference>> references_;
};

// "/applications/${ .saga.id }/cancel". What data puts into it can fill a segment or a part of one, and
// nothing else: everything but unreserved characters (RFC 3986) is percent-encoded, '/' included.
class PathTemplate {
 public:
  // "/".
  PathTemplate() = default;
  // Refused: no '/' at the start, '?', '#', spaces, control characters, the segments "." and "..".
  static boost::system::result<PathTemplate, TemplateError> compile(std::string_view source);

  // An Error where a result is empty, null, a list or a map, or makes a segment "." or "..".
  Result<std::string> render(const Json& root) const;

  const std::vector<Reference>& references() const { return references_; }
  const std::string& source() const { return source_; }

 private:
  std::string source_ = "/";
  std::vector<Reference> references_;
  TextWithExpressions text_{TextWithExpressions::literal("/")};
};

}  // namespace skald::core
