// Schema: a compiled JSON Schema (draft-07), which checks the input of a start before anything is stored.
// It guarantees that no keyword is ever ignored (what it does not know is a fault of the schema, at load),
// that every fault carries its JSON pointer and a sentence to act on, and that no value, however hostile,
// costs more than a bounded amount of work. The language uses it at load, the engine at every start.
#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/json.hpp"

namespace skald::sagas {

struct SchemaFault {
  std::string pointer;  // RFC 6901, "" for the whole document: into the schema from compile, into the value
                        // from validate
  std::string message;  // "must be an integer, is a string"
  bool operator==(const SchemaFault&) const = default;
};

struct CompiledSchema;

class Schema {
 public:
  // All faults at once. The references of the schema reach into itself only ("#", "#/definitions/x").
  static boost::system::result<Schema, std::vector<SchemaFault>> compile(const Json& schema);

  // Empty where the value fits. At most kMaxFaults: more do not help anybody.
  std::vector<SchemaFault> validate(const Json& value) const;

  static constexpr std::size_t kMaxFaults = 100;

 private:
  explicit Schema(std::shared_ptr<const CompiledSchema> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const CompiledSchema>
      compiled_;  // shared: it never changes, and sagas' definitions are copied
};

[[noreturn]] void throw_exception_from_error(const std::vector<SchemaFault>& faults,
                                             const boost::source_location& where);

}  // namespace skald::sagas
