// OwnedStatement: a Statement that is made while the program runs, such as one of a view's table. Connections
// keep a pointer to the statement and its name: it stays where it is as long as it may be run.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/pg/connection.hpp"

namespace skald::store {

class OwnedStatement {
 public:
  OwnedStatement(std::string name, std::string sql, std::vector<Oid> types)
      : name_(std::move(name)),
        sql_(std::move(sql)),
        statement_{name_.c_str(), sql_.c_str(), std::move(types)} {}
  OwnedStatement(const OwnedStatement&) = delete;
  OwnedStatement& operator=(const OwnedStatement&) = delete;

  const Statement& get() const { return statement_; }

 private:
  std::string name_, sql_;
  Statement statement_;
};

}  // namespace skald::store
