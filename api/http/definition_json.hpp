// Definitions and the faults of their files as the API shows them.
#pragma once

#include <vector>

#include "api/http/message.hpp"
#include "engine/base/json.hpp"
#include "sagas/catalog.hpp"
#include "sagas/fault.hpp"

namespace skald::api {

// {name, version, hash, title, createdAt}
Json definition_row_json(const sagas::CatalogEntry& entry);
// The row, with description, steps (ids), input (schema), source, and the warnings of a put.
Json definition_json(const sagas::CatalogEntry& entry, const std::vector<sagas::Fault>& warnings = {});

// [{line, column, detail, remedy}] of the errors, or of the warnings.
enum class Gravity { Error, Warning };
Json faults_json(const std::vector<sagas::Fault>& faults, Gravity gravity);

// 422 with every error, and the place of the first.
Response faulty_definition(const std::vector<sagas::Fault>& faults);

}  // namespace skald::api
