// ViewWriter: writes batches of views on a connection of its own, each in one transaction. What becomes of a
// batch whose answer is lost nobody needs to find out here: the checkpoints know. Used by PgViewStore.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/pg/connection.hpp"
#include "eventstore/pg/view_statements.hpp"
#include "eventstore/view_store.hpp"

namespace skald::store {

class ViewWriter {
 public:
  ViewWriter(boost::asio::io_context& io, std::string conninfo, ViewStatements& statements);
  ~ViewWriter();

  // One at a time.
  void apply(ViewBatch batch, std::function<void(ViewApplied)> done);
  bool is_busy() const { return static_cast<bool>(done_); }

 private:
  struct Step {
    const Statement* statement;
    Parameters parameters;
  };
  void plan(const ViewBatch& batch);
  void run_next();
  void on_answer(Answer answer);
  bool advanced(const Rows& rows) const;
  void roll_back(ViewApplied why);
  void finish(ViewApplied result);

  boost::asio::io_context& io_;
  std::string conninfo_;
  ViewStatements& statements_;
  std::shared_ptr<Connection> connection_;
  std::vector<Step> steps_;
  std::size_t next_ = 0;
  std::int64_t moves_ = 0, proofs_ = 0;  // checkpoints that must move, events that must be there
  std::function<void(ViewApplied)> done_;
};

}  // namespace skald::store
