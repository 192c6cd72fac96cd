#include "sagas/explore/preview.hpp"

#include <doctest/doctest.h>

#include "engine/core/decide.hpp"
#include "tests/explore/explored.hpp"

namespace skald::sagas {
namespace {

const std::string kOrder = R"(
saga: order
steps:
  - id: reserve
    http: { service: stock, method: POST, path: /reservations }
    compensate:
      http: { service: stock, method: DELETE, path: "/reservations/${ .saga.id }", headers: { X-Key: "${ .secrets.KEY }" } }
  - id: tell
    emit: { event: Reserved }
    compensate: { emit: { event: Released, data: { by: "${ .input.by }" } } }
  - id: pay
    http: { service: payment, method: POST, path: /payments }
    pivot: true
  - id: ship
    http: { service: shipping, method: POST, path: /parcels }
)";

constexpr Timestamp kNow{1'767'225'600'000'000};

// A saga that was told so much.
class Told {
 public:
  explicit Told(const std::string& yaml) : definition_(loaded(yaml)) {
    Random random(1);
    state_.id = new_saga_id(kNow, Partition{0}, random);
    take(core::StartRequested{Json::object({{"by", "ann"}}), "key", std::nullopt, "", "", std::nullopt,
                              Json()});
  }
  Told& take(const core::Input& input) {
    auto decision = core::decide(definition_, state_, input, {kNow, 0, 1, {}});
    REQUIRE(decision.has_value());
    state_ = std::move(decision->after);
    return *this;
  }
  Told& answer(const std::string& step, int status) {
    return take(core::CallAnswered{step, core::Operation::Action, 1, false, {status, {}, ""}, false});
  }
  Told& deliver(const std::string& step) {
    return take(core::EventDelivered{step, core::Operation::Action, 1});
  }
  Preview if_cancelled() const { return preview_cancel(definition_, state_, kNow); }
  Preview if_failed() const { return preview_failure(definition_, state_, kNow); }
  std::string id() const { return to_text(state_.id); }

 private:
  core::Definition definition_;
  core::State state_;
};

TEST_CASE("preview: a cancel undoes what is done in reverse order, rendered, without secrets") {
  const Told saga = std::move(Told(kOrder).answer("reserve", 200));
  const Preview preview = saga.if_cancelled();
  CHECK(preview.refused.empty());
  CHECK_EQ(preview.awaited, std::vector<std::string>{"tell"});
  REQUIRE_EQ(preview.calls.size(), 2);
  CHECK_EQ(preview.calls[0].event, "Released");
  CHECK_EQ(preview.calls[0].key, "key");
  CHECK_EQ(preview.calls[0].body.dump(), R"({"by":"ann"})");
  const PreviewCall& last = preview.calls[1];
  REQUIRE(last.request.has_value());
  CHECK_EQ(last.request->path, "/reservations/" + saga.id());
  CHECK(last.request->headers.empty());
  CHECK_EQ(last.idempotency_key, saga.id() + ":reserve:undo");
  CHECK_EQ(preview.ends, "cancelled");
}

TEST_CASE("preview: a call in flight is awaited and counts as possibly done") {
  const Preview preview = Told(kOrder).if_cancelled();
  CHECK_EQ(preview.awaited, std::vector<std::string>{"reserve"});
  CHECK_EQ(preview.calls.size(), 1);
}

TEST_CASE("preview: a refusal of what is under way undoes what was done before it") {
  const Told saga = std::move(Told(kOrder).answer("reserve", 200).deliver("tell"));
  const Preview preview = saga.if_failed();
  CHECK_EQ(preview.if_what, "pay were refused");
  CHECK_EQ(preview.calls.size(), 2);
  CHECK_EQ(preview.ends, "compensated");
}

TEST_CASE("preview: past the pivot a cancel is too late, and a refusal is stuck") {
  const Told saga = std::move(Told(kOrder).answer("reserve", 200).deliver("tell").answer("pay", 200));
  CHECK_NE(saga.if_cancelled().refused.find("no way back"), std::string::npos);
  CHECK_NE(saga.if_failed().refused.find("stuck at ship"), std::string::npos);
  CHECK(saga.if_failed().calls.empty());
}

TEST_CASE("preview: of a saga that has ended nothing would be called") {
  const Told saga = std::move(Told("saga: short\nsteps: [{ id: a, set: {} }]"));
  CHECK_NE(saga.if_cancelled().refused.find("completed"), std::string::npos);
  CHECK_NE(saga.if_failed().refused.find("completed"), std::string::npos);
}

TEST_CASE("preview: of a saga that is being undone, what is left to call") {
  const Told saga = std::move(Told(kOrder).answer("reserve", 200).deliver("tell").answer("pay", 422));
  const Preview preview = saga.if_failed();
  CHECK_EQ(preview.if_what, "it goes on");
  CHECK_EQ(preview.calls.size(), 2);
}

TEST_CASE("preview: what is kept is told") {
  const Preview preview = Told(R"(
saga: order
steps:
  - id: check
    http: { service: stock, method: POST, path: /checks }
    compensate: none
)")
                              .if_cancelled();
  CHECK(preview.calls.empty());
  CHECK_EQ(preview.stays, std::vector<std::string>{"check (POST stock/checks, possibly done)"});
  CHECK_NE(preview_text(preview).find("nothing would be called"), std::string::npos);
}

}  // namespace
}  // namespace skald::sagas
