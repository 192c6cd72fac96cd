#include "tests/simulation/clients.hpp"

#include <algorithm>

#include "engine/base/sha256.hpp"

namespace skald::simulation {

using namespace std::chrono_literals;

namespace {

constexpr int kTries = 6;
constexpr Duration kBetweenTries = 5s;

runtime::Satisfied far_enough() {
  return [](const core::Definition& definition, const core::State& state) {
    return state.phase == core::Phase::Ended || state.phase == core::Phase::Stuck ||
           (definition.answer_after && core::start_answer(definition, state));
  };
}

store::RequestHash hash_of(const ToldStart& start) {
  return sha256(start.input.canonical());
}

}  // namespace

Clients::Clients(House& house, std::vector<std::string> definitions, Routes routes)
    : house_(house), definitions_(std::move(definitions)), routes_(std::move(routes)) {}

void Clients::start() {
  Surroundings& around = house_.surroundings;
  if (!starts_.empty() && starts_.back()->key && around.chance.one_in(2)) {
    around.faults.hit(Fault::StartRepeated);  // one key, while its first request may still be under way
    auto again = std::make_shared<ToldStart>(*starts_.back());
    again->tries = 0;
    again->saga.reset();
    again->answer.reset();
    starts_.push_back(again);
    return send(again);
  }
  auto start = std::make_shared<ToldStart>();
  start->definition = around.chance.pick(definitions_);
  start->input = Json::object({{"key", "k" + std::to_string(around.chance.below(3))},
                               {"flag", around.chance.one_in(2)},
                               {"number", static_cast<std::int64_t>(starts_.size())}});
  if (around.chance.one_in(2)) start->key = "start-" + std::to_string(starts_.size());
  starts_.push_back(start);
  send(start);
}

std::size_t Clients::acknowledged() const {
  return static_cast<std::size_t>(
      std::count_if(starts_.begin(), starts_.end(), [](const Told& s) { return s->saga.has_value(); }));
}

// As engine/runtime/start.cpp does: a key is looked up first, then the owner of the partition begins.
void Clients::send(const Told& start) {
  if (start->saga || ++start->tries > kTries) return;
  if (start->key) try_again_later(start);  // without a key a second request would be a second saga
  LaneOfNode* at = routes_.any();
  if (!at) return;
  at->post([this, at, start] {
    if (!start->key) return begin(*at, start);
    at->log().find_start_key(start->definition, *start->key,
                             [this, at, start](Result<std::optional<store::StartKeyTaken>> taken) {
                               if (!taken) return;
                               if (*taken) return acknowledge(start, (*taken)->saga);
                               begin(*at, start);
                             });
  });
}

void Clients::try_again_later(const Told& start) {
  house_.surroundings.after(kBetweenTries, [this, start] { send(start); });
}

void Clients::begin(LaneOfNode& at, const Told& start) {
  const auto entry = house_.catalog->newest(start->definition);
  std::string key;
  std::optional<Partition> partition;
  if (entry->definition->business_key) {
    key = start->input.get("key").as_string();
    partition = partition_of(key, house_.store.partition_count());
  } else {
    partition = at.lane().next_partition();
  }
  LaneOfNode* owner = partition ? routes_.owner(*partition) : nullptr;
  if (!owner) return;
  const SagaId id =
      new_saga_id(house_.surroundings.database_now(), *partition, house_.surroundings.chance.random());
  core::StartRequested requested;
  requested.input = start->input;
  requested.business_key = key.empty() ? to_text(id) : key;
  requested.start_key = start->key;
  if (start->key) requested.request_hash = sha256_hex(start->input.canonical());
  std::optional<Duration> patience;
  if (entry->definition->answer_after) patience = 30s;
  runtime::Lane::Begin begin{id, *entry, std::move(requested), patience, far_enough()};
  owner->post([this, owner, start, begin = std::move(begin)] {
    owner->lane().begin(begin, [this, start](Result<runtime::Lane::BeginOutcome> outcome) {
      if (!outcome) return;
      if (const auto* taken = std::get_if<store::StartKeyTaken>(&*outcome)) {
        if (taken->request_hash != hash_of(*start))
          house_.surroundings.violated("I2", "a key came back with another request");
        return acknowledge(start, taken->saga);
      }
      const auto& snapshot = std::get<runtime::Snapshot>(*outcome);
      acknowledge(start, snapshot.state.id);
      if (snapshot.definition->answer_after)
        start->answer = core::start_answer(*snapshot.definition, snapshot.state);
    });
  });
}

void Clients::acknowledge(const Told& start, SagaId saga) {
  if (start->saga && *start->saga != saga)
    house_.surroundings.violated(
        "I2", "one start was acknowledged as " + to_text(*start->saga) + " and " + to_text(saga));
  start->saga = saga;
  if (house_.surroundings.tell)
    house_.surroundings.tell(to_text(saga).substr(24) + " is acknowledged to the client");
  if (!house_.witness.find(saga))
    house_.surroundings.violated("I1", to_text(saga) + " is acknowledged and not in the log");
}

void Clients::cancel() {
  std::vector<SagaId> known;
  for (const auto& [id, saga] : house_.witness.sagas()) known.push_back(id);
  if (known.empty()) return;
  auto cancel = std::make_shared<ToldCancel>();
  cancel->saga = house_.surroundings.chance.pick(known);
  LaneOfNode* owner = routes_.owner(cancel->saga.partition());
  if (!owner) return;
  cancels_.push_back(cancel);
  house_.surroundings.faults.hit(Fault::CancelSent);
  owner->post([this, owner, cancel] {
    owner->lane().ask(cancel->saga, core::CancelRequested{"not wanted any more", "client"},
                      [this, cancel](Result<runtime::Snapshot> done) {
                        cancel->accepted = done.has_value();
                        cancel->refused = !done && done.error().kind == ErrorKind::Conflict;
                        if (house_.surroundings.tell)
                          house_.surroundings.tell(to_text(cancel->saga).substr(24) +
                                                   " cancel: " + (done ? "accepted" : done.error().message));
                      });
  });
}

}  // namespace skald::simulation
