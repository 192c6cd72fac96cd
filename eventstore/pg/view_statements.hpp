// The statements of views: those of the registry, which are always the same, and those of views' tables, made
// once per generation and shape.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "eventstore/pg/owned_statement.hpp"
#include "eventstore/view_store.hpp"

namespace skald::store {

namespace statements {

extern const Statement kPartitionCount;  // → int4
extern const Statement kListViews;       // known revision → see read_registry in pg_view_store.cpp
extern const Statement kMakeGeneration;  // view, hash, source, columns, again, keeps rows → generation, made
extern const Statement kIndexGeneration;  // generation, statements → done
extern const Statement kCompare;          // generation, columns → done
extern const Statement kSwitchView;       // generation → done
extern const Statement kShowView;         // view, columns → done
extern const Statement kDropGenerations;  // milliseconds → how many
extern const Statement kStopView;         // generation, partition, position, reason → done
extern const Statement kSkipEvent;        // generation, partition, position, by, reason → done
extern const Statement kCheckpoints;      // partitions → generation, partition, position, target
extern const Statement kProgress;         // generation → done, target, head, filled, oldest missing, now
extern const Statement kHeads;            // partitions → position

// Of these, those that may take hours.
bool is_slow(const Statement& statement);
// The SQLSTATE of a table that was dropped: that of a generation which is over.
inline constexpr std::string_view kUndefinedTable = "42P01";

// A batch of a view, in this order; the rows between the last two.
extern const Statement kBegin;
extern const Statement kByIndex;  // → text, text
extern const Statement
    kAdvance;  // generations, partitions, from, to; partitions, positions, sagas, times → moved, there
extern const Statement kCommit;
extern const Statement kRollback;

}  // namespace statements

class ViewStatements {
 public:
  const Statement& merge(const ViewTable& table, Generation generation);
  const Statement& remove(const ViewTable& table, Generation generation);
  const Statement& read(const ViewRead& read);

 private:
  template <class Make>
  const Statement& once(const std::string& name, Make make);
  std::map<std::string, std::unique_ptr<OwnedStatement>> made_;
};

}  // namespace skald::store
