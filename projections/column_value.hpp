// column_value: a JSON value as a column of that type keeps it, in the text form that PostgreSQL reads. What
// would not fit is found here and not in the database, so that a view stops at exactly the event it came
// with.
#pragma once

#include "engine/base/json.hpp"
#include "eventstore/view_table.hpp"

namespace skald::views {

// Null gives none. A text fits where it reads as a value of the type ("12.50" as numeric); a number or a
// boolean fits a text column by its text. An Error is a sentence: "'abc' is no integer".
Result<store::Cell> column_value(const store::ViewColumn& column, const Json& value);

// "text", "integer", …: as the language and PostgreSQL call them.
std::string_view to_text(store::ColumnType type);

}  // namespace skald::views
