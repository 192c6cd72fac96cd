// The start of a saga: which saga a request means (a new one, or the one its start key already has), and when
// it is answered.
#include "engine/base/failpoint.hpp"
#include "engine/base/hex.hpp"
#include "engine/base/sha256.hpp"
#include "engine/runtime/business_key.hpp"
#include "engine/runtime/inside.hpp"

namespace skald::runtime {
namespace {

bool is_over(const core::State& state) {
  return state.phase == core::Phase::Ended || state.phase == core::Phase::Stuck;
}

// How long the request waits at most, and for what; none: until the saga is durable.
std::optional<Duration> patience_of(const StartRequest& request, const core::Definition& definition,
                                    const EngineConfig& config) {
  if (definition.answer_after) return request.wait.value_or(config.start_patience);
  return request.wait;
}

Satisfied far_enough(const core::Definition& definition) {
  if (definition.answer_after)
    return [](const core::Definition& d, const core::State& s) {
      return core::start_answer(d, s) || is_over(s);
    };
  return [](const core::Definition&, const core::State& s) { return is_over(s); };
}

Started started(const StartRequest& request, Snapshot saga, bool replayed) {
  const auto answer = core::start_answer(*saga.definition, saga.state);
  return {std::move(saga), answer, request.wait.has_value(), replayed};
}

using OutcomeDone = Done<StartOutcome>;

// One start on its way: what every stage of it needs.
struct Starting {
  Engine::Inside* inside;
  std::size_t home;  // the lane that got the request
  StartRequest request;
  sagas::CatalogEntry entry;
  store::RequestHash hash{};
  OutcomeDone done;
};

void replay(const std::shared_ptr<Starting>& start, const store::StartKeyTaken& taken) {
  FAILPOINT("start-replayed");
  if (taken.request_hash != start->hash) return start->done(StartOutcome{KeyReused{taken.saga}});
  Engine::Inside& inside = *start->inside;
  const Done<Snapshot> answer = [start](Result<Snapshot> saga) {
    if (!saga) return start->done(saga.error());
    start->done(StartOutcome{started(start->request, std::move(*saga), true)});
  };
  const auto patience = patience_of(start->request, *start->entry.definition, inside.config);
  inside.on_owner(start->home, taken.saga.partition(), answer,
                  [patience, id = taken.saga, satisfied = far_enough(*start->entry.definition)](
                      Lane& owner, const Done<Snapshot>& done) {
                    if (patience)
                      owner.await(id, satisfied, *patience, done);
                    else
                      owner.find(id, done);
                  });
}

void begin(const std::shared_ptr<Starting>& start) {
  const core::Definition& definition = *start->entry.definition;
  Engine::Inside& inside = *start->inside;
  if (start->entry.input) {
    auto faults = start->entry.input->validate(start->request.input);
    if (!faults.empty()) return start->done(StartOutcome{InputRefused{std::move(faults)}});
  }
  FAILPOINT("start-input-checked");
  LaneThread& home = inside.at(start->home);
  // Known once the log has been opened; a request may come before that.
  if (home.log().partition_count() == 0)
    return start->done(unavailable("this node has not reached the database yet"));
  Partition partition;
  std::string key;
  auto computed = business_key_of(definition, start->request.input);
  if (!computed) return start->done(StartOutcome{InputRefused{{{"", computed.error().message}}}});
  if (*computed) {
    key = std::move(**computed);
    partition = partition_of(key, home.log().partition_count());
  } else {
    const auto own = home.lane().next_partition();
    if (!own) return start->done(unavailable("this node owns no partition of the log yet"));
    partition = *own;
  }
  const SagaId id = new_saga_id(home.log().now(), partition, home.random());
  if (key.empty()) key = to_text(id);

  core::StartRequested requested;
  requested.input = start->request.input;
  requested.business_key = std::move(key);
  requested.start_key = start->request.start_key;
  if (requested.start_key) requested.request_hash = to_hex(start->hash);
  requested.by = start->request.by;
  Lane::Begin request{.id = id,
                      .entry = start->entry,
                      .start = std::move(requested),
                      .patience = patience_of(start->request, definition, inside.config),
                      .satisfied = far_enough(definition)};
  FAILPOINT("start-routed");
  const Done<Lane::BeginOutcome> answer = [start](Result<Lane::BeginOutcome> outcome) {
    if (!outcome) return start->done(outcome.error());
    if (const auto* taken = std::get_if<store::StartKeyTaken>(&*outcome)) return replay(start, *taken);
    FAILPOINT("start-about-to-be-answered");
    start->done(StartOutcome{started(start->request, std::get<Snapshot>(std::move(*outcome)), false)});
  };
  inside.on_owner(start->home, partition, answer,
                  [request = std::move(request)](Lane& owner, const Done<Lane::BeginOutcome>& done) {
                    owner.begin(request, done);
                  });
}

}  // namespace

void Engine::start_saga(std::size_t lane, StartRequest request, Done<StartOutcome> done) {
  FAILPOINT_ERROR("start-received", return done(unavailable("a failpoint refuses this start")));
  const auto entry = catalog()->newest(request.definition);
  if (!entry) return done(not_found("there is no definition '" + request.definition + "'"));
  auto start = std::make_shared<Starting>(
      Starting{inside_.get(), lane, std::move(request), *entry, {}, std::move(done)});
  if (!start->request.start_key) return begin(start);
  start->hash = sha256(start->request.input.canonical());
  inside_->at(lane).log().find_start_key(
      start->request.definition, *start->request.start_key,
      [start](Result<std::optional<store::StartKeyTaken>> taken) {
        FAILPOINT_ERROR("start-key-looked-up", taken = unavailable("a failpoint refuses to look"));
        if (!taken) return start->done(taken.error());
        if (*taken) return replay(start, **taken);
        begin(start);
      });
}

}  // namespace skald::runtime
