#include "api/replay/verify.hpp"

#include <numeric>
#include <utility>

#include "api/replay/partition_walk.hpp"
#include "api/replay/progress.hpp"
#include "api/replay/recorded.hpp"
#include "api/replay/saga_check.hpp"
#include "api/replay/view_comparison.hpp"
#include "eventstore/pg/archive.hpp"

namespace skald::api {
namespace {

class Verification {
 public:
  Verification(store::Archive archive, Report report)
      : archive_(std::move(archive)), report_([this, report = std::move(report)](Violation violation) {
          ++verified_.violations;
          report(std::move(violation));
        }) {}

  Result<Verified> run() {
    const auto heads = archive_.heads();
    if (!heads) return heads.error();
    const auto definitions = archive_.definitions();
    if (!definitions) return definitions.error();
    catalog_ = catalog_of(*definitions);
    const auto whole = std::accumulate(heads->begin(), heads->end(), std::int64_t{0});
    Progress progress("verifying", "events", static_cast<std::uint64_t>(whole));
    for (std::uint16_t number = 0; number < heads->size(); ++number)
      if (auto done = partition({number}, (*heads)[number], progress); !done) return done.error();
    const auto stray = archive_.stray_start_keys([this](store::Stray found) -> Result<void> {
      report_({"rows", "start_key", std::move(found.what)});
      return {};
    });
    if (!stray) return stray.error();
    return verified_;
  }

 private:
  Result<void> partition(Partition partition, std::int64_t head, Progress& progress) {
    auto done = positions(partition, head, progress);
    if (!done) return done;
    done = archive_.sagas(partition, [&](store::KeptSaga saga) -> Result<void> { return this->saga(saga); });
    if (!done) return done;
    return archive_.strays(partition, 0, head, [&](store::Stray found) -> Result<void> {
      report_({"rows", "partition " + std::to_string(partition.number), std::move(found.what)});
      return {};
    });
  }

  // Walked again where sagas left meanwhile: what is missing then is no fault.
  Result<void> positions(Partition partition, std::int64_t head, Progress& progress) {
    auto kept_below = archive_.kept_below();
    for (;;) {
      if (!kept_below) return kept_below.error();
      std::vector<Violation> found;
      PartitionWalk walk(partition, *kept_below, [&](Violation one) { found.push_back(std::move(one)); });
      const auto events = walk_along(walk, partition, head, progress);
      if (!events) return events.error();
      const auto before = std::exchange(kept_below, archive_.kept_below());
      if (!kept_below || *kept_below != *before) continue;
      verified_.events += *events;
      for (auto& violation : found) report_(std::move(violation));
      return {};
    }
  }

  Result<std::uint64_t> walk_along(PartitionWalk& walk, Partition partition, std::int64_t head,
                                   Progress& progress) {
    std::uint64_t events = 0;
    const auto done = archive_.places(partition, 0, head, [&](store::EventPlaced event) -> Result<void> {
      walk.take(event);
      ++events;
      progress.add();
      return {};
    });
    if (!done) return done.error();
    // After the events: whoever wrote them is registered by now.
    const auto writers = archive_.writers();
    if (!writers) return writers.error();
    const auto owners = archive_.owners();
    if (!owners) return owners.error();
    walk.end(head, *writers, (*owners)[partition.number]);
    return events;
  }

  Result<void> saga(const store::KeptSaga& saga) {
    ++verified_.sagas;
    if (const auto learnt = learn(saga.row.start.definition_hash); !learnt) return learnt;
    check_saga(saga, catalog_, report_);
    return {};
  }

  // A definition that was put after this began.
  Result<void> learn(const std::string& hash) {
    if (catalog_.by_hash(hash)) return {};
    const auto definitions = archive_.definitions();
    if (!definitions) return definitions.error();
    catalog_ = catalog_of(*definitions);
    return {};
  }

  store::Archive archive_;
  Report report_;
  sagas::Catalog catalog_;
  Verified verified_;
};

}  // namespace

Result<Verified> verify(const std::string& conninfo, const std::optional<std::string>& view,
                        const Report& report) {
  Verified verified;
  if (!view) {
    auto archive = store::Archive::open(conninfo);
    if (!archive) return archive.error();
    auto log = Verification(std::move(*archive), report).run();
    if (!log) return log;
    verified = *log;
  }
  auto compared = compare_views(conninfo, view, [&](Violation violation) {
    ++verified.violations;
    report(std::move(violation));
  });
  if (!compared) return compared.error();
  verified.views = compared->views;
  verified.notes = std::move(compared->notes);
  return verified;
}

}  // namespace skald::api
