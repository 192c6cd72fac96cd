// How a view and its rebuild are told: lag, progress, rate, remaining time.
#include "api/http/view_json.hpp"

#include <doctest/doctest.h>

namespace skald::api {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNoon{1'763'726'400'000'000};

// Ten seconds ago a generation was made, of which so many events are folded.
runtime::GenerationStatus generation(std::int64_t number, bool active, std::int64_t done, std::int64_t head) {
  runtime::GenerationStatus status;
  status.row.number = number;
  status.row.view = "page";
  status.row.active = active;
  status.row.made_at = kNoon - 10s;
  status.progress = {done, head, head, done == head, std::nullopt, kNoon};
  return status;
}

}  // namespace

TEST_CASE("a view's lag is told in events and in seconds since the oldest that is missing") {
  runtime::ViewStatus view{"page", generation(1, true, 90, 100), std::nullopt, nullptr};
  view.active->progress.oldest_missing = kNoon - 250ms;
  CHECK(view_status_json(view).get("lag").dump() == R"({"events":10,"seconds":0.25})");
  view.active = generation(1, true, 100, 100);
  CHECK(view_status_json(view).get("lag").dump() == R"({"events":0,"seconds":0})");
}

TEST_CASE("a rebuild tells how far it is, how fast, and how long it still takes") {
  runtime::ViewStatus view{"page", generation(1, true, 2'000, 2'000), generation(2, false, 500, 2'000),
                           nullptr};
  const auto told = [&view](const char* member) { return rebuild_json(view).get(member).dump(); };
  CHECK(told("status") == R"("filling")");
  CHECK(told("generation") == "2");
  CHECK(told("events") == "500");
  CHECK(told("of") == "2000");
  CHECK(told("rate") == "50");
  CHECK(told("remaining") == "30");
  view.building->progress = {2'000, 2'000, 2'000, true, std::nullopt, kNoon};
  CHECK(told("status") == R"("indexing")");
  view.building->row.indexed = true;
  CHECK(told("status") == R"("catching-up")");
  CHECK(told("remaining") == "0");
  SUBCASE("one that cannot go on says where and why") {
    view.building->row.stop = store::ViewStop{{{3}, 17}, "no number"};
    CHECK(told("status") == R"("stopped")");
    CHECK(told("stopped") == R"({"position":"3-17","reason":"no number"})");
  }
  SUBCASE("one that is over says what its rows were held against") {
    view.active = generation(2, true, 2'000, 2'000);
    view.active->row.rows_before = view.active->row.rows_after = 7;
    view.active->row.rows_different = 0;
    view.building.reset();
    CHECK(told("status") == R"("done")");
    CHECK(told("rowsDifferent") == "0");
    CHECK(told("rate") == "null");
  }
}

}  // namespace skald::api
