// Reads rows of events, sagas and definitions; the columns stand in the order of the statements that ask for
// them (statements.hpp, archive.cpp).
#pragma once

#include "eventstore/log.hpp"
#include "eventstore/pg/rows.hpp"

namespace skald::store {

inline StoredEvent read_event_row(const Rows& rows, int row) {
  return {rows.saga_id(row, 0), rows.int4(row, 1), {rows.partition(row, 2), rows.int8(row, 3)},
          rows.text(row, 4),    rows.text(row, 5), rows.time(row, 6),
          rows.int4(row, 7)};
}

inline SagaRow read_saga_row(const Rows& rows, int row) {
  return {rows.saga_id(row, 0),
          {rows.text(row, 1), rows.int4(row, 2), rows.text(row, 3), rows.text(row, 4),
           rows.optional_text(row, 5), rows.hash(row, 6)},
          {rows.text(row, 7), rows.optional_time(row, 8), rows.optional_time(row, 9)},
          rows.time(row, 10),
          rows.time(row, 11)};
}

inline DefinitionRow read_definition_row(const Rows& rows, int row) {
  return {rows.text(row, 0), rows.int4(row, 1), rows.text(row, 2),
          rows.text(row, 3), rows.text(row, 4), rows.time(row, 5)};
}

}  // namespace skald::store
