#include "sagas/definition_loader.hpp"

#include <doctest/doctest.h>

#include "tests/sagas/recruitment_text.hpp"

namespace skald::sagas {
namespace {

std::string all_texts(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += to_text(fault) + '\n';
  return text;
}

TEST_CASE("definition: the recruitment saga of language.md loads without a fault") {
  const auto loaded = load_definition(kRecruitment, "recruitment.saga.yaml", nullptr);
  CHECK_EQ(all_texts(loaded.faults), "");
  REQUIRE(loaded.definition);
  const core::Definition& definition = *loaded.definition;
  CHECK_EQ(definition.name, "recruitment");
  CHECK_EQ(definition.title, "Job application");
  CHECK_EQ(definition.timeout, std::chrono::days(30));
  CHECK_EQ(definition.answer_after, 1);
  CHECK(definition.cancel_until == core::CancelUntil::Forever);
  CHECK(definition.undo_order == core::UndoOrder::Reverse);
  CHECK(definition.on_undo_failure == core::OnUndoFailure::Stuck);
  CHECK_EQ(definition.hash.size(), 64);
  REQUIRE_EQ(definition.steps.size(), 3);

  const core::Step& apply = definition.steps[0];
  CHECK_EQ(apply.effort.retry.maximum_attempts, 5);
  REQUIRE(apply.undo);
  CHECK_EQ(apply.undo->action.path.source(), "/applications/${ .saga.id }/cancel");
  CHECK_EQ(apply.undo->effort.retry.maximum_attempts, 0);
  CHECK_FALSE(apply.undo->action.body);

  const core::Step& qualify = definition.steps[1];
  CHECK_EQ(qualify.effort.timeout, std::chrono::seconds(1));
  CHECK_EQ(qualify.effort.retry.maximum_attempts, 1);
  CHECK_FALSE(qualify.undo);

  const core::Step& enroll = definition.steps[2];
  CHECK_EQ(enroll.effort.retry.maximum_attempts, 0);
  CHECK_EQ(enroll.effort.retry.maximum_interval, std::chrono::seconds(30));
  CHECK(std::get<core::HttpAction>(enroll.kind).method == core::HttpMethod::Post);
}

}  // namespace
}  // namespace skald::sagas
