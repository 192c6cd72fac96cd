// The plan of a statement, generic, as a connection keeps it once the statement is prepared.
#pragma once

#include <string>

#include "eventstore/pg/connection.hpp"
#include "tests/contract/pg_world.hpp"

namespace skald::store::testing {

// `values`: of its parameters, as SQL, where nulls would prune everything.
// `before`: what the same transaction ran before it.
inline std::string plan_of(PgWorld& world, const Statement& statement, std::string values = "",
                           const std::string& before = "") {
  std::string types, nulls;
  for (const auto type : statement.types) {
    types += (types.empty() ? "" : ", ") + world.value("select $1::oid::regtype", {std::to_string(type)});
    nulls += nulls.empty() ? "null" : ", null";
  }
  if (!values.empty()) nulls = std::move(values);
  auto session = world.connect();
  session.run("set plan_cache_mode = force_generic_plan").value();
  if (!before.empty()) session.run("begin; " + before).value();
  session.run("prepare hot" + (types.empty() ? "" : "(" + types + ")") + " as " + statement.sql).value();
  std::string plan;
  for (const auto& row :
       session.run("explain (costs off) execute hot" + (nulls.empty() ? "" : "(" + nulls + ")")).value())
    plan += row.front().value_or("") + "\n";
  return plan;
}

}  // namespace skald::store::testing
