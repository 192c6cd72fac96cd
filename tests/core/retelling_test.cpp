// A recorded saga told again: under its own definition nothing differs, whatever is changed in the record is
// found, and a changed definition differs where it matters. The property test tells every random history
// again.
#include "engine/core/retelling.hpp"

#include <doctest/doctest.h>

#include "sagas/definition_loader.hpp"
#include "tests/core/told_saga.hpp"

namespace skald::core::testing {
namespace {

constexpr Timestamp kStart{1'767'225'600'000'000};

const std::string kOrder = R"(
saga: order
input: { schema: { type: object } }
timeout: 1h
retryPolicies: { few: { maximumAttempts: 3, initialInterval: 1s } }
steps:
  - id: reserve
    http: { service: stock, method: POST, path: "/reservations/${ .input.item }", body: { count: "${ .input.count }" } }
    compensate: { http: { service: stock, method: POST, path: /release } }
  - id: price
    set: { total: "${ .input.count * 2 }" }
  - id: pay
    http: { service: bank, method: POST, path: /payments, body: "${ { total: .steps.price.output.total } }" }
    retry: few
    compensate: { http: { service: bank, method: POST, path: /refunds } }
  - id: paid
    waitFor: { event: Paid, timeout: 10m }
output: ${ .steps.price.output }
)";

Definition load(const std::string& yaml) {
  auto loaded = sagas::load_definition(yaml, "order", nullptr);
  std::string faults;
  for (const auto& fault : loaded.faults) faults += sagas::to_text(fault) + "\n";
  REQUIRE_MESSAGE(loaded.definition.has_value(), faults);
  return std::move(*loaded.definition);
}

Definition changed(const std::string& old, const std::string& with) {
  const std::size_t at = kOrder.find(old);
  REQUIRE_MESSAGE(at != std::string::npos, old);
  return load(std::string(kOrder).replace(at, old.size(), with));
}

Answer answered(int status, const std::string& body = "{}") {
  return {status, {{"content-type", "application/json"}}, body};
}

class Order {
 public:
  Order() : definition_(load(kOrder)), saga_(definition_) {
    take(StartRequested{*parse_json(R"({"item":"tea","count":3})"), "key", std::nullopt, "", "", std::nullopt,
                        Json()});
  }
  void answer(const StepPath& step, std::uint32_t attempt, Answer answer,
              Operation operation = Operation::Action) {
    take(CallAnswered{step, operation, attempt, false, std::move(answer)});
  }
  void take(const Input& input) {
    now_ = now_ + Duration(std::chrono::seconds(30));
    REQUIRE(saga_.take(input, {now_, 1, 1, {}}).has_value());
  }
  // One failed attempt, paid, completed.
  static Order completed() {
    Order order;
    order.answer("reserve", 1, answered(201));
    order.answer("pay", 1, answered(503));
    order.answer("pay", 2, answered(201));
    order.take(EventArrived{"Paid", Json(1), "", "", "key"});
    return order;
  }
  static Order refused() {
    Order order;
    order.answer("reserve", 1, answered(201));
    order.answer("pay", 1, answered(422, R"({"type":"no-money"})"));
    order.answer("reserve", 1, answered(200), Operation::Compensate);
    return order;
  }
  const Definition& definition() const { return definition_; }
  SagaId id() const { return saga_.state().id; }
  std::vector<Event> log() const { return saga_.log(); }
  std::optional<Difference> under(const Definition& other) const {
    return retell_changed(other, definition_, id(), log());
  }

 private:
  Definition definition_;
  ToldSaga saga_;
  Timestamp now_ = kStart;
};

}  // namespace

TEST_CASE("retelling: under its own definition a saga is told as it was recorded") {
  for (const Order& order : {Order::completed(), Order::refused()}) {
    CHECK_FALSE(retell(order.definition(), order.id(), order.log()).has_value());
    CHECK_FALSE(order.under(load(kOrder)).has_value());
  }
}

TEST_CASE("retelling: each event that is missing, doubled or moved is found, and none is found before it") {
  for (const Order& order : {Order::completed(), Order::refused()}) {
    const auto whole = order.log();
    for (std::size_t i = 0; i < whole.size(); ++i) {
      INFO(i);
      auto log = whole;
      log.erase(log.begin() + static_cast<std::ptrdiff_t>(i));
      const auto missing = retell(order.definition(), order.id(), log);
      // Also the last: an end is written together with what leads to it.
      REQUIRE(missing.has_value());
      CHECK(missing->event <= static_cast<std::int32_t>(i) + 1);
      log = whole;
      log.insert(log.begin() + static_cast<std::ptrdiff_t>(i), whole[i]);
      CHECK(retell(order.definition(), order.id(), log).has_value());
      if (i + 1 == whole.size()) continue;
      log = whole;
      std::swap(log[i], log[i + 1]);
      CHECK(retell(order.definition(), order.id(), log).has_value());
    }
  }
}

TEST_CASE("retelling: a field that the rules would not have written so is found at its event") {
  const Order order = Order::completed();
  const auto log = order.log();
  const auto found = [&](std::size_t number, auto change) {
    auto other = log;
    change(other[number - 1].fact);
    const auto difference = retell(order.definition(), order.id(), other);
    REQUIRE(difference.has_value());
    return difference->event;
  };
  CHECK(found(2, [](Fact& fact) { std::get<StepRequested>(fact).request.path = "/reservations/coffee"; }) ==
        2);
  CHECK(found(5, [](Fact& fact) { std::get<StepSucceeded>(fact).output = Json(7); }) == 5);
  CHECK(found(7, [](Fact& fact) { std::get<AttemptFailed>(fact).attempt = 2; }) == 7);
  CHECK(found(8, [](Fact& fact) { std::get<StepSucceeded>(fact).attempts = 3; }) == 8);
  CHECK(found(12, [](Fact& fact) { std::get<StepSucceeded>(fact).takes = 3; }) == 12);
  CHECK(found(13, [](Fact& fact) { std::get<SagaEnded>(fact).undo = "done"; }) == 13);
}

TEST_CASE("retelling: a changed definition differs at the first event that it would have written otherwise") {
  const Order completed = Order::completed(), refused = Order::refused();
  const auto at = [](const Order& order, const std::string& old, const std::string& with) {
    const auto difference = order.under(changed(old, with));
    return difference ? difference->event : 0;
  };
  // What is asked for, also where no event tells it.
  CHECK(at(completed, "/reservations/", "/holds/") == 2);
  CHECK(at(completed, "count: \"${ .input.count }\"", "amount: \"${ .input.count }\"") == 2);
  CHECK(at(completed, "path: /payments, body", "path: /payments, query: { a: b }, body") == 6);
  CHECK(at(completed, "* 2", "* 3") == 5);
  CHECK(at(completed, "path: /release", "path: /undo") == 0);
  CHECK(at(refused, "path: /release", "path: /undo") == 9);
  // The order of steps and of undo.
  CHECK(at(completed, "  - id: price\n", "  - id: first\n    set: { a: 1 }\n  - id: price\n") == 4);
  CHECK(at(refused, "compensate: { http: { service: stock, method: POST, path: /release } }",
           "compensate: none") == 9);
  // How often, where it matters.
  CHECK(at(completed, "maximumAttempts: 3", "maximumAttempts: 1") == 7);
  CHECK(at(completed, "maximumAttempts: 3", "maximumAttempts: 2") == 0);
  CHECK(at(completed, "maximumAttempts: 3", "maximumAttempts: 0") == 0);
  // Times, where nothing came of them; limits, where something would have.
  CHECK(at(completed, "initialInterval: 1s", "initialInterval: 40s") == 0);
  CHECK(at(completed, "timeout: 1h", "timeout: 2h") == 0);
  CHECK(at(completed, "timeout: 1h", "timeout: 75s") == 8);
  CHECK(at(completed, "timeout: 10m", "timeout: 10s") == 11);
  CHECK(at(completed, "timeout: 10m", "timeout: 5m") == 0);
}

}  // namespace skald::core::testing
