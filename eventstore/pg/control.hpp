// Control: the beat of a lane, on a connection of its own, so that neither a slow read nor a long commit
// makes the lane look silent. Learns whether the writer stands, takes partitions over, makes segments ahead.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>

#include "eventstore/lane.hpp"
#include "eventstore/log.hpp"
#include "eventstore/pg/appender.hpp"

namespace skald::store {

class Control {
 public:
  Control(boost::asio::io_context& io, std::string conninfo, LaneName name, DatabaseClock& clock,
          Holdings& holdings, Appender& appender);
  ~Control();

  void beat(Done<Ownership> done);
  void close();

 private:
  void send_beat();
  void take_over(std::int32_t writer);
  void read_gained(std::int32_t writer, std::set<Partition> claimed);
  void make_segments();
  void tell();
  void fail(const std::string& why);
  // The rows of a statement; nothing where it failed, and then the beat has failed.
  std::optional<Rows> rows_of(Answer& answer);
  Parameters lane_of(std::int32_t writer) const;

  boost::asio::io_context& io_;
  std::string conninfo_;
  LaneName name_;
  DatabaseClock& clock_;
  Holdings& holdings_;
  Appender& appender_;
  std::shared_ptr<Connection> connection_;
  Done<Ownership> done_;
};

}  // namespace skald::store
