// The sagas of examples.md as they stand there: what must load without a fault.
#pragma once

#include <string_view>

namespace skald::sagas {

inline constexpr std::string_view kProfessorApplication = R"yaml(saga: professor-application
title: Application of a professor
businessKey: ${ .input.courseNo }
input:
  schema:
    type: object
    required: [courseNo, professorNo, professorNm, phoneNumber, age, career, professorSpec]
    additionalProperties: false
    properties:
      courseNo: { type: string, minLength: 1 }
      professorNo: { type: string, minLength: 1 }
      professorNm: { type: string }
      phoneNumber: { type: string }
      age: { type: integer }
      career: { type: integer }
      professorSpec: { type: string }
answerAfter: apply
cancelUntil: end                                          # S2.9: a professor withdraws before the confirmation
cancelOn: { event: CourseCancelled, until: forever }      # S2.7: a cancelled course takes it back at any time
retryPolicies:
  patient: { initialInterval: 200ms, maximumInterval: 30s, maximumAttempts: 0 }
steps:
  # Does nothing forward. First step, so last undo: the confirmation hears of the withdrawal only after
  # the evaluation refuses new decisions, so none slips in between.
  - id: announce
    set: { applicationId: "${ .saga.id }" }
    compensate:
      emit: { event: ApplicationCancelled, data: { applicationId: "${ .saga.id }" } }     # key: the own business key
  - id: course                                            # the guard: 409 when the course is not open
    http: { service: course, method: GET, path: "/courses/${ .input.courseNo }/open" }
    timeout: 1s
    retry: { maximumAttempts: 1 }
  - id: apply
    http: { service: application, method: POST, path: /applications, body: "${ { id: .saga.id, application: .input } }" }
    timeout: 2s
    retry: { maximumAttempts: 2 }
    compensate:
      http: { service: application, method: POST, path: "/applications/${ .saga.id }/cancel" }
  - id: message                                           # starts a text-message saga; its service may be down for days
    emit:
      event: TextMessageDue
      data: { about: "${ .saga.id }", kind: applied, phoneNumber: "${ .input.phoneNumber }", courseNo: "${ .input.courseNo }" }
    compensate:
      emit:
        event: TextMessageDue
        data: { about: "${ .saga.id }", kind: cancelled, phoneNumber: "${ .input.phoneNumber }", courseNo: "${ .input.courseNo }" }
  - id: evaluate                                          # S2.11: evaluation may be down
    http: { service: evaluation, method: POST, path: /evaluations, body: "${ { id: .saga.id, application: .input } }" }
    retry: patient
    compensate:
      http: { service: evaluation, method: POST, path: "/evaluations/${ .saga.id }/cancel" }
  - id: decided                                           # days later; decisions on others pass by and are seen by the view
    waitFor:
      event: ApplicationDecided
      where: ${ .event.data.applicationId == .saga.id and .event.data.successFlag }
)yaml";

inline constexpr std::string_view kConfirmation = R"yaml(saga: confirmation
title: Confirmation of a professor
businessKey: ${ .input.courseNo }
input:
  schema:
    type: object
    required: [applicationId, courseNo, successFlag, score]
    additionalProperties: false
    properties:
      applicationId: { type: string, format: uuid }
      courseNo: { type: string, minLength: 1 }
      successFlag: { type: boolean }
      score: { type: number }
answerAfter: assign
cancelUntil: never
cancelOn:
  event: ApplicationCancelled
  where: ${ .event.data.applicationId == .input.applicationId }
  until: forever
steps:
  - id: decide                # refuses an application that is withdrawn, unknown or of another course
    http:
      service: evaluation
      method: POST
      path: /evaluations/${ .input.applicationId }/decisions
      body: "${ { id: .saga.id, courseNo: .input.courseNo, successFlag: .input.successFlag, score: .input.score } }"
    timeout: 1s
    retry: { maximumAttempts: 1 }
    compensate:
      http: { service: evaluation, method: POST, path: "/evaluations/${ .input.applicationId }/decisions/${ .saga.id }/cancel" }
  - id: assign                # S2.4: 409 when this professor already has the course; skipped = answered 201
    if: ${ .input.successFlag }
    http:
      service: course
      method: POST
      path: /courses/${ .input.courseNo }/professor
      body: "${ { confirmationId: .saga.id, applicationId: .input.applicationId, professor: .steps.decide.output } }"
    timeout: 1s
    retry: { maximumAttempts: 1 }
    compensate:               # does nothing when another professor has the course by now; answers the course as it is
      http: { service: course, method: POST, path: "/courses/${ .input.courseNo }/professor/cancel", body: { confirmationId: "${ .saga.id }" } }
  - id: announce
    emit: { event: ApplicationDecided, data: "${ { applicationId: .input.applicationId, successFlag: .input.successFlag, score: .input.score } }" }
    compensate: none
  - id: message
    if: ${ .input.successFlag }
    emit:
      event: TextMessageDue
      data: "${ { about: .input.applicationId, kind: \"confirmed\", phoneNumber: .steps.decide.output.phoneNumber, courseNo: .input.courseNo } }"
    compensate: none
)yaml";

}  // namespace skald::sagas
