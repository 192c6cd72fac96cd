#include "eventstore/pg/control.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "engine/base/failpoint.hpp"
#include "eventstore/pg/statements.hpp"
#include "eventstore/pg/tails.hpp"

namespace skald::store {

using namespace std::chrono_literals;

namespace {

// A take-over may wait a second for the revoke, terminate what blocks it, and wait a second more.
constexpr Duration kBeatPatience = 5s;

}  // namespace

Control::Control(boost::asio::io_context& io, std::string conninfo, LaneName name, DatabaseClock& clock,
                 Holdings& holdings, Appender& appender)
    : io_(io),
      conninfo_(std::move(conninfo)),
      name_(std::move(name)),
      clock_(clock),
      holdings_(holdings),
      appender_(appender) {}

Control::~Control() {
  close();
}

void Control::close() {
  if (connection_) std::exchange(connection_, nullptr)->close();
  done_ = nullptr;
}

void Control::beat(Done<Ownership> done) {
  if (done_) {
    boost::asio::post(io_,
                      [done = std::move(done)] { done(unavailable("the beat before has no answer yet")); });
    return;
  }
  done_ = std::move(done);
  if (!appender_.has_writer()) {
    appender_.open([this](std::optional<Error> error) {
      if (!done_) return;
      if (error) return fail(error->message);
      tell();
    });
  } else if (connection_ && connection_->is_open()) {
    send_beat();
  } else {
    connection_ = Connection::make(io_, conninfo_);
    connection_->open([this](std::optional<std::string> why_not) {
      if (why_not) return fail(*why_not);
      send_beat();
    });
  }
}

void Control::send_beat() {
  const auto writer = appender_.writer();
  connection_->run(statements::kBeat, lane_of(writer), kBeatPatience, [this, writer](Answer answer) {
    const auto rows = rows_of(answer);
    if (!rows) return;
    clock_.observe(rows->time(0, 2));
    const bool stands = rows->boolean(0, 0), claimable = rows->boolean(0, 1);
    if (!stands && writer == appender_.writer()) {
      appender_.renew([this](std::optional<Error> error) {
        if (!done_) return;
        if (error) return fail(error->message);
        tell();
      });
    } else if (claimable) {
      take_over(writer);
    } else {
      make_segments();
    }
  });
}

void Control::take_over(std::int32_t writer) {
  connection_->run(statements::kTakeOver, lane_of(writer), kBeatPatience, [this, writer](Answer answer) {
    const auto rows = rows_of(answer);
    if (!rows) return;
    std::set<Partition> claimed;
    for (int row = 0; row < rows->count(); ++row) claimed.insert(rows->partition(row, 0));
    if (claimed.empty()) return make_segments();
    read_gained(writer, std::move(claimed));
  });
}

// After the take-over was acknowledged, in a statement of its own (see statements::kTails).
void Control::read_gained(std::int32_t writer, std::set<Partition> claimed) {
  Parameters who;
  who.add(writer);
  connection_->run(statements::kTails, std::move(who), kBeatPatience,
                   [this, writer, claimed = std::move(claimed)](Answer answer) {
                     const auto rows = rows_of(answer);
                     if (!rows) return;
                     FAILPOINT("take-over-tails-read");
                     auto tails = read_tail_rows(*rows, clock_);
                     std::erase_if(tails, [&](const auto& tail) { return !claimed.contains(tail.first); });
                     // A lane that had to renew its writer meanwhile read these tails itself.
                     if (writer == appender_.writer()) holdings_.gain(tails);
                     make_segments();
                   });
}

void Control::make_segments() {
  const auto up_to = appender_.segments_wanted();
  if (!up_to) return tell();
  Parameters wanted;
  wanted.add(*up_to);
  connection_->run(statements::kMakeSegments, std::move(wanted), kBeatPatience, [this](Answer answer) {
    // Where another lane is just making them, the next beat finds them.
    if (auto* rows = std::get_if<Rows>(&answer)) appender_.segments_made(rows->int8(0, 0));
    tell();
  });
}

std::optional<Rows> Control::rows_of(Answer& answer) {
  if (auto* rows = std::get_if<Rows>(&answer)) return std::move(*rows);
  if (auto* lost = std::get_if<Lost>(&answer))
    fail(lost->why);
  else
    fail(std::get<Refused>(answer).message);
  return std::nullopt;
}

Parameters Control::lane_of(std::int32_t writer) const {
  Parameters parameters;
  parameters.add(writer).add(name_.lane).add(name_.lanes);
  return parameters;
}

void Control::tell() {
  std::exchange(done_, nullptr)(holdings_.tell());
}

void Control::fail(const std::string& why) {
  std::exchange(done_, nullptr)(unavailable(why));
}

}  // namespace skald::store
