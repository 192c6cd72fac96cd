#include "sagas/fault.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace skald::sagas {

std::string to_text(const Fault& fault) {
  std::string text = fault.file + ':' + std::to_string(fault.line) + ':' + std::to_string(fault.column);
  text += fault.warning ? ": warning: " : ": error: ";
  text += fault.message;
  if (!fault.remedy.empty()) text += "; " + fault.remedy;
  return text;
}

void FaultList::error(Place place, std::string message, std::string remedy) {
  ++errors_;
  faults_.push_back({file_, place.line, place.column, std::move(message), std::move(remedy), false});
}

void FaultList::warning(Place place, std::string message, std::string remedy) {
  faults_.push_back({file_, place.line, place.column, std::move(message), std::move(remedy), true});
}

std::vector<Fault> FaultList::take() {
  std::vector<Fault> faults = std::exchange(faults_, {});
  // Errors come first where the list is cut, so that none of them hides behind warnings.
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.line, a.column, a.message) < std::tie(b.line, b.column, b.message);
  });
  faults.erase(std::unique(faults.begin(), faults.end()), faults.end());
  if (faults.size() <= kMaxFaults) return faults;

  std::stable_partition(faults.begin(), faults.end(), [](const Fault& fault) { return !fault.warning; });
  const std::size_t more = faults.size() - kMaxFaults;
  faults.resize(kMaxFaults);
  Fault last = faults.back();
  last.message = "and " + std::to_string(more) + " more";
  last.remedy = "mend the first ones and check again";
  faults.push_back(std::move(last));
  return faults;
}

}  // namespace skald::sagas
