// A field's value as the text a database keeps, and back.
#pragma once

#include "sagas/sandbox/database.hpp"
#include "sagas/sandbox/declaration.hpp"

namespace skald::sandbox {

// Fails with a sentence when the value is not of the field's type.
Result<SqlValue> to_sql(const Field& field, const Json& value);
Json from_sql(const Field& field, const SqlValue& value);

// The column's type, in words that SQLite and PostgreSQL both know.
std::string_view column_type(FieldType type);

}  // namespace skald::sandbox
