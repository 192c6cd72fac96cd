// What `skald doctor` found out: for each thing it looked at, whether it is well, and a remedy where it is
// not.
#pragma once

#include <string>
#include <vector>

namespace skald::api {

enum class Verdict { Fine, Doubtful, Failed };

struct Finding {
  Verdict verdict = Verdict::Fine;
  std::string what;
  std::string detail;
  std::string remedy;
  bool unreachable = false;  // something that should answer does not
};
using Findings = std::vector<Finding>;

inline Finding fine(std::string what, std::string detail) {
  return {Verdict::Fine, std::move(what), std::move(detail), {}, false};
}
inline Finding doubtful(std::string what, std::string detail, std::string remedy) {
  return {Verdict::Doubtful, std::move(what), std::move(detail), std::move(remedy), false};
}
inline Finding failed(std::string what, std::string detail, std::string remedy) {
  return {Verdict::Failed, std::move(what), std::move(detail), std::move(remedy), false};
}

constexpr const char* word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Fine: return "ok";
    case Verdict::Doubtful: return "warn";
    case Verdict::Failed: break;
  }
  return "fail";
}

}  // namespace skald::api
