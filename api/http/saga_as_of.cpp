#include "api/http/saga_as_of.hpp"

#include <memory>

#include "api/replay/moment.hpp"
#include "api/replay/recorded.hpp"
#include "engine/core/evolve.hpp"

namespace skald::api {
namespace {

constexpr std::size_t kEventsOfAPage = 1'000;

class AsOf : public std::enable_shared_from_this<AsOf> {
 public:
  AsOf(Backend backend, SagaId id, Moment moment, std::function<void(const Result<runtime::Snapshot>&)> done)
      : backend_(backend), moment_(moment), done_(std::move(done)) {
    saga_.state.id = id;
  }

  void begin() {
    const auto* time = std::get_if<Timestamp>(&moment_);
    if (time)
      if (const auto come = check_has_come(*time, system_now()); !come) return done_(come.error());
    read_on();
  }

 private:
  void read_on() {
    backend_.engine.read_events(
        backend_.lane, saga_.state.id, saga_.state.version, kEventsOfAPage,
        [self = shared_from_this()](const Result<std::vector<store::StoredEvent>>& events) {
          if (!events) return self->done_(events.error());
          self->take(*events);
        });
  }

  void take(const std::vector<store::StoredEvent>& events) {
    for (const auto& stored : events) {
      known_ = stored.version;
      if (is_beyond(stored)) return end(true);
      auto event = event_of(stored);
      if (!event) return done_(event.error());
      saga_.state = core::evolve(std::move(saga_.state), *event);
      saga_.position = stored.position;
    }
    if (events.size() == kEventsOfAPage) return read_on();
    end(false);
  }

  bool is_beyond(const store::StoredEvent& event) const {
    if (const auto* time = std::get_if<Timestamp>(&moment_)) return event.time > *time;
    return event.version > std::get<std::int32_t>(moment_);
  }

  // `later`: an event behind the moment was seen.
  void end(bool later) {
    const std::string name = "saga " + to_text(saga_.state.id);
    if (known_ == 0) return done_(not_found("there is no " + name));
    const auto* number = std::get_if<std::int32_t>(&moment_);
    if (number && saga_.state.version != *number)
      return done_(not_found(name + " has " + std::to_string(known_) + " events"));
    if (saga_.state.version == 0) return done_(not_found(name + " had not begun at that time"));
    if (!number)
      if (const auto past = check_is_past(std::get<Timestamp>(moment_), system_now(), later); !past)
        return done_(past.error());
    const auto entry = backend_.engine.catalog()->by_hash(saga_.state.definition);
    if (!entry) return done_(unavailable("the definition of " + name + " is not known to this node yet"));
    saga_.definition = entry->definition;
    done_(saga_);
  }

  Backend backend_;
  Moment moment_;
  std::function<void(const Result<runtime::Snapshot>&)> done_;
  runtime::Snapshot saga_;
  std::int32_t known_ = 0;  // number of the last event that was seen
};

}  // namespace

void read_saga_as_of(Backend backend, SagaId id, Moment moment,
                     std::function<void(const Result<runtime::Snapshot>&)> done) {
  std::make_shared<AsOf>(backend, id, moment, std::move(done))->begin();
}

}  // namespace skald::api
