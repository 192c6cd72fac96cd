// Services: the stand-in services of a run and the network to them. They keep the ledger's rules and, in
// phase one, fail in every way that leaves the caller in the dark. Every request is held against the log when
// it arrives.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/service_caller.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/witness.hpp"

namespace skald::simulation {

class Services {
 public:
  Services(Surroundings& surroundings, const Witness& witness)
      : surroundings_(surroundings), witness_(witness) {}

  // `answer` comes once, later: after the call's timeout at the latest.
  void call(runtime::OutgoingCall call, std::function<void(runtime::CallResult)> answer);
  // Where no call may leave now: until when.
  std::optional<runtime::GateClosed> gate();
  // From here on timers are to be punctual: every partition has had its owner for long enough.
  void expect_punctuality(Timestamp from) { punctual_from_ = from; }
  Ledger& ledger() { return ledger_; }

 private:
  struct Request;
  struct Job;
  using Asked = std::shared_ptr<Request>;

  Asked read(const runtime::OutgoingCall& call);
  void check_time(const Request& request);
  void check_against_log(const Request& request);
  void act(const Asked& request);
  void undo(const Asked& request);
  void poll(const Asked& request);
  void arrive(const Asked& request, std::function<runtime::CallResult()> work);
  void accept(const Asked& request);
  bool meets_network_fault(const Asked& request, const std::function<runtime::CallResult()>& work);
  bool meets_fault_after(const Asked& request, const std::function<runtime::CallResult()>& work);
  runtime::CallResult do_action(const Request& request);
  runtime::CallResult do_undo(const Request& request);
  int do_job(Job& job);

  Surroundings& surroundings_;
  const Witness& witness_;
  Ledger ledger_;
  std::vector<std::shared_ptr<Job>> jobs_;
  std::optional<Timestamp> punctual_from_;
};

// One lane's way to the services. What they answer to a lane that is gone reaches nobody.
class Caller final : public runtime::ServiceCaller {
 public:
  Caller(Services& services, std::function<void(std::function<void()>)> post)
      : services_(services), post_(std::move(post)) {}

  std::optional<runtime::GateClosed> call(runtime::OutgoingCall call,
                                          std::function<void(runtime::CallResult)> done) override;

 private:
  Services& services_;
  std::function<void(std::function<void()>)> post_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace skald::simulation
