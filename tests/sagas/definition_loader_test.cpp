#include "sagas/definition_loader.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sagas/draft.hpp"
#include "sagas/services.hpp"
#include "tests/sagas/example_texts.hpp"
#include "tests/sagas/form_verdict.hpp"
#include "tests/sagas/recruitment_text.hpp"

namespace skald::sagas {
namespace {

std::string all_texts(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += to_text(fault) + '\n';
  return text;
}

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string hash_of(std::string_view text) {
  const auto loaded = load_definition(text, "f", nullptr);
  CAPTURE(all_texts(loaded.faults));
  REQUIRE(loaded.definition);
  return loaded.definition->hash;
}

TEST_CASE("definition: the recruitment saga of language.md loads without a fault") {
  const auto loaded = load_definition(kRecruitment, "recruitment.saga.yaml", nullptr);
  CHECK_EQ(all_texts(loaded.faults), "");
  CHECK_EQ(form_faults("saga", kRecruitment), "");
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
  CHECK_EQ(std::get<core::HttpAction>(apply.undo->action).path.source(),
           "/applications/${ .saga.id }/cancel");
  CHECK_EQ(apply.undo->effort.retry.maximum_attempts, 0);
  CHECK_FALSE(std::get<core::HttpAction>(apply.undo->action).body);

  const core::Step& qualify = definition.steps[1];
  CHECK_EQ(qualify.effort.timeout, std::chrono::seconds(1));
  CHECK_EQ(qualify.effort.retry.maximum_attempts, 1);
  CHECK_FALSE(qualify.undo);
  CHECK(qualify.keeps_effect);
  CHECK_FALSE(apply.keeps_effect);

  const core::Step& enroll = definition.steps[2];
  CHECK_EQ(enroll.effort.retry.maximum_attempts, 0);
  CHECK_EQ(enroll.effort.retry.maximum_interval, std::chrono::seconds(30));
  CHECK(as<core::HttpAction>(enroll.kind)->method == core::HttpMethod::Post);
}

TEST_CASE("definition: the sagas of examples.md load without a fault") {
  for (const std::string_view text : {kProfessorApplication, kConfirmation}) {
    const auto loaded = load_definition(text, "example.saga.yaml", nullptr);
    CHECK_EQ(all_texts(loaded.faults), "");
    CHECK(loaded.definition);
    CHECK_EQ(form_faults("saga", text), "");
  }
}

TEST_CASE("definition: the systems that come with Skald load with the services beside them") {
  int loaded_files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SKALD_SOURCE_DIR "/sagas/systems")) {
    const std::string file = entry.path().filename();
    if (!file.ends_with(".saga.yaml")) continue;
    CAPTURE(file);
    const auto services =
        load_services(content_of(entry.path().parent_path() / "services.yaml"), "services.yaml", {});
    CAPTURE(all_texts(services.faults));
    REQUIRE(services.registry);
    const auto loaded = load_definition(content_of(entry.path()), file, &*services.registry);
    CHECK_EQ(all_texts(loaded.faults), "");
    REQUIRE(loaded.definition);
    CHECK_EQ(loaded.definition->name + ".saga.yaml", file);
    CHECK_EQ(form_faults("saga", content_of(entry.path())), "");
    CHECK_EQ(form_faults("services", content_of(entry.path().parent_path() / "services.yaml")), "");
    ++loaded_files;
  }
  CHECK_GE(loaded_files, 1);
}

TEST_CASE("definition: everything that is written is kept") {
  const auto loaded = load_definition(R"(
saga: everything
title: T
description: D
retryPolicies: { named: { jitter: 0 } }
compensation: { order: parallel, onFailure: continue }
steps:
  - id: before
    title: Before
    if: ${ .input.go }
    http:
      service: s
      method: PUT
      path: /a/${ .input.id }
      query: { n: 5, q: "${ .input.q }" }
      headers: { X-A: "${ .secrets.A }" }
      body: [1, "${ .saga.id }"]
    timeout: 250ms
    totalTimeout: PT1M
    retry:
      initialInterval: 1s
      backoffCoefficient: 1.5
      maximumInterval: 10s
      maximumAttempts: 7
      jitter: 0.5
      nonRetryableErrors: [timeout]
      onExhausted: stuck
    output: ${ .response.body.id }
    compensate:
      http: { service: s, method: DELETE, path: "/a/${ .input.id }" }
      timeout: 3s
      retry: named
  - { id: pivot, http: { service: s, method: POST, path: /p }, pivot: true }
  - { id: after, http: { service: s, method: PATCH, path: /p } }
  - { id: extra, http: { service: s, method: HEAD, path: /p }, optional: true, retry: { maximumAttempts: 2 } }
output: { all: "${ .steps }" }
)",
                                      "f", nullptr);
  CHECK_EQ(all_texts(loaded.faults), "");
  REQUIRE(loaded.definition);
  const core::Definition& definition = *loaded.definition;
  CHECK_EQ(definition.title + definition.description, "TD");
  CHECK(definition.undo_order == core::UndoOrder::Parallel);
  CHECK(definition.on_undo_failure == core::OnUndoFailure::Continue);
  CHECK(definition.cancel_until == core::CancelUntil::Pivot);  // the default where there is one
  CHECK(definition.output);
  REQUIRE_EQ(definition.steps.size(), 4);

  const core::Step& before = definition.steps[0];
  const auto& action = *as<core::HttpAction>(before.kind);
  CHECK_EQ(before.title, "Before");
  CHECK(before.condition);
  CHECK(before.output);
  CHECK(action.method == core::HttpMethod::Put);
  CHECK_EQ(action.query.size(), 2);
  CHECK_EQ(action.headers.size(), 1);
  CHECK_EQ(action.body->source().dump(), R"([1,"${ .saga.id }"])");
  CHECK_EQ(before.effort.timeout, std::chrono::milliseconds(250));
  CHECK_EQ(before.effort.total_timeout, std::chrono::minutes(1));
  const core::RetryPolicy& retry = before.effort.retry;
  CHECK_EQ(retry.initial_interval, std::chrono::seconds(1));
  CHECK_EQ(retry.backoff_coefficient, 1.5);
  CHECK_EQ(retry.maximum_interval, std::chrono::seconds(10));
  CHECK_EQ(retry.maximum_attempts, 7);
  CHECK_EQ(retry.jitter, 0.5);
  CHECK_EQ(retry.non_retryable_errors, std::vector<std::string>{"timeout"});
  CHECK(retry.on_exhausted == core::OnExhausted::Stuck);
  REQUIRE(before.undo);
  CHECK(std::get<core::HttpAction>(before.undo->action).method == core::HttpMethod::Delete);
  CHECK_EQ(before.undo->effort.timeout, std::chrono::seconds(3));
  CHECK_EQ(before.undo->effort.retry.jitter, 0);
  CHECK_EQ(before.undo->effort.retry.maximum_attempts, 0);  // an undo's default, also under a named policy

  CHECK_EQ(definition.steps[1].effort.retry.maximum_attempts, 5);
  CHECK(definition.steps[1].pivot);
  CHECK_EQ(definition.steps[2].effort.retry.maximum_attempts, 0);
  CHECK(definition.steps[2].effort.retry.on_exhausted == core::OnExhausted::Stuck);
  CHECK(definition.steps[3].optional);
}

TEST_CASE("definition: the hash tells contents apart, not ways to write them") {
  const std::string plain =
      "saga: x\ntimeout: 5s\nsteps:\n  - id: a\n    http: { service: s, method: GET, path: /a }\n";
  const std::string hash = hash_of(plain);
  CHECK_EQ(hash, hash_of("# comment\nsaga: 'x'\nsteps:\n- http:\n    path: \"/a\"\n    method: GET\n    "
                         "service: s\n  id: a\n\ntimeout:   5s\n"));
  CHECK_EQ(
      hash,
      hash_of(
          R"({"saga":"x","timeout":"5s","steps":[{"id":"a","http":{"service":"s","method":"GET","path":"/a"}}]})"));
  CHECK_NE(hash, hash_of(plain + "title: y\n"));
  CHECK_NE(hash, hash_of("saga: x\ntimeout: 6s\n" + plain.substr(plain.find("steps"))));
}

}  // namespace
}  // namespace skald::sagas
