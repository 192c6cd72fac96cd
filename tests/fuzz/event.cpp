// The decoding of events: lines of a type and a payload, as the log holds them. What can be read is written
// and read back as the same, and any row of events can be folded, legal or not.
#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "eventstore/storable.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace skald;
using namespace skald::core;

void check_written(const Fact& fact) {
  const std::string written = payload_of(fact).dump();
  CHECK_THAT(!store::why_unstorable(written), "what was read from the log can be written to it");
  const auto payload = parse_json(written);
  CHECK_THAT(payload.has_value(), "a payload is JSON");
  const auto again = fact_from(type_name(fact), *payload);
  CHECK_THAT(again && *again == fact, "an event is read back as it was written");
  CHECK_THAT(payload_of(*again).dump() == written, "there is one way to write an event");
}

void check_folded(const State& before, const State& after, const Event& event) {
  CHECK_THAT(after.version == before.version + 1, "every event counts");
  CHECK_THAT(after.updated_at == event.time, "the last event tells the time");
  CHECK_THAT(recorded(after) == after, "a fold knows nothing but the log");
  CHECK_THAT(evolve(before, event) == after, "a fold is a function");
  CHECK_THAT(!status_of(after).empty() && !undo_of(after).empty(), "a state can be shown");
  for (const auto& [path, nothing] : after.open)
    CHECK_THAT(after.find_step(path), "an open step is a known one");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto text = fuzz::text_of(bytes, size);
  State state;
  Timestamp time{1'767'225'600'000'000};
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto type = line.substr(0, line.find(' '));
    const auto payload = parse_json(line.substr(std::min(type.size() + 1, line.size())));
    if (!payload) continue;
    const auto fact = fact_from(type, *payload);
    if (!fact) {
      CHECK_THAT(!fact.error().message.empty(), "a refusal says why");
      continue;
    }
    check_written(*fact);
    time = time + Duration(1'000'000);
    const Event event{time, *fact};
    State after = evolve(state, event);
    check_folded(state, after, event);
    state = std::move(after);
  }
  return 0;
}
