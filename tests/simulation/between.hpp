// Between: what sagas owe each other, held against the true order of all commits: a child begins because its
// parent asked for it and is told of when it has ended; an event reaches everyone it is for, once, before its
// emitter goes on; nothing that waits goes on before its time.
#pragma once

#include "tests/simulation/witness.hpp"

namespace skald::simulation {

class Between {
 public:
  Between(Surroundings& surroundings, const store::MemoryStore& store, const sagas::Catalog& catalog,
          const Witness& witness)
      : surroundings_(surroundings), store_(store), catalog_(catalog), witness_(witness) {}

  // `saga` as it stands before the event.
  void check(const SeenSaga& saga, const core::Event& event) const;
  // An event of that name, source and id is said to have been delivered to that business key; it was on its
  // way since the commit of that number.
  struct Delivered {
    std::string name, key, source, id;
    std::optional<SagaId> except;
    std::size_t since = 0;
  };
  void check_delivered(const Delivered& event) const;

 private:
  void check_start(const SeenSaga& saga, const core::SagaStarted& started) const;
  void check_child_start(SagaId child, const core::SagaStarted& started) const;
  void check_received(const SeenSaga& saga, const core::EventReceived& event) const;
  void check_source(SagaId who, const std::string& source, const std::string& id) const;
  void check_success(const SeenSaga& saga, const core::StepSucceeded& event, Timestamp time) const;
  void check_failure(const SeenSaga& saga, const core::StepFailed& event, Timestamp time) const;
  void check_undo(const SeenSaga& saga, const core::StepCompensated& event) const;
  void check_emitted(const SeenSaga& saga, const core::StepPath& step, core::Operation operation) const;
  void check_wait(const SeenSaga& saga, const core::StepPath& step, Timestamp time) const;
  void must_have_it(const SeenSaga& receiver, const Delivered& event) const;
  bool has_completed(SagaId saga) const;
  std::string status_of(SagaId saga) const;
  void violated(const std::string& invariant, SagaId saga, const std::string& how) const {
    surroundings_.violated(invariant, to_text(saga) + " " + how);
  }

  Surroundings& surroundings_;
  const store::MemoryStore& store_;
  const sagas::Catalog& catalog_;
  const Witness& witness_;
};

}  // namespace skald::simulation
