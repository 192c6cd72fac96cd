// The recruitment saga as language.md shows it: the file that several tests load.
#pragma once

#include <string_view>

namespace skald::sagas {

inline constexpr std::string_view kRecruitment = R"(saga: recruitment
title: Job application
businessKey: ${ .input.applicantId }      # order and look-up; default: the saga's own id
input:
  schema:                                 # JSON Schema draft-07, checked at start
    type: object
    required: [applicantId, name, age, skill, job]
    properties:
      applicantId: { type: string }
      name: { type: string }
      age: { type: integer, minimum: 15 }
      skill: { type: string }
      job: { type: string }
timeout: 30d                              # deadline of the whole saga: starts the undo
answerAfter: qualify                      # the start request is answered when this step is decided
cancelUntil: forever                      # pivot | end | forever | never
retryPolicies:
  patient: { initialInterval: 200ms, backoffCoefficient: 2, maximumInterval: 30s, maximumAttempts: 0 }
compensation: { order: reverse, onFailure: stuck }
steps:
  - id: apply
    http:
      service: recruitment
      method: POST
      path: /applications
      body:
        id: ${ .saga.id }
        name: ${ .input.name }
        job: ${ .input.job }
    compensate:
      http: { service: recruitment, method: POST, path: "/applications/${ .saga.id }/cancel" }
  - id: qualify
    http: { service: qualification, method: POST, path: /checks, body: "${ { recruitmentId: .saga.id, job: .input.job } }" }
    timeout: 1s
    retry: { maximumAttempts: 1 }
    compensate: none
  - id: enroll
    http: { service: enrollment, method: POST, path: /enrollments, body: "${ { recruitmentId: .saga.id } }" }
    retry: patient
    compensate:
      http: { service: enrollment, method: POST, path: "/enrollments/${ .saga.id }/cancel" }
output: { enrollmentId: "${ .steps.enroll.output.id }" }
)";

}  // namespace skald::sagas
