#include "api/http/openapi.hpp"

namespace skald::api {

// Written by hand and read by people too: an operation and its answers on few lines, shared parts below.
std::string_view openapi_document() {
  static constexpr std::string_view kDocument = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "Skald",
    "version": "1",
    "summary": "An event-sourced saga orchestrator",
    "description": "Start sagas, watch them, send them events, help them as an operator, work for them, and manage their definitions. Every error is application/problem+json (RFC 9457). Unknown query parameters and unknown members of a body are errors.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
  },
  "paths": {
    "/v1/sagas/{name}": {
      "parameters": [{"$ref": "#/components/parameters/name"}],
      "post": {
        "operationId": "startSaga",
        "summary": "Start a saga; the body is its input",
        "description": "Answered when the start is durable; where the definition has answerAfter, when that step is decided. The same Idempotency-Key with the same input gives the same saga and the same status.",
        "parameters": [
          {"$ref": "#/components/parameters/key"},
          {"name": "Prefer", "in": "header", "description": "wait=10: seconds to wait for the end, or for answerAfter", "schema": {"type": "string"}},
          {"$ref": "#/components/parameters/wait"}
        ],
        "requestBody": {"description": "The input, as the definition's schema wants it", "content": {"application/json": {"schema": {}}}},
        "responses": {
          "200": {"$ref": "#/components/responses/Started"},
          "201": {"$ref": "#/components/responses/Started"},
          "202": {"$ref": "#/components/responses/Started"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "413": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas": {
      "get": {
        "operationId": "listSagas",
        "summary": "A page of sagas, newest first",
        "parameters": [
          {"name": "name", "in": "query", "schema": {"type": "string"}},
          {"name": "status", "in": "query", "description": "Several are separated by commas", "style": "form", "explode": false, "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Status"}}},
          {"name": "businessKey", "in": "query", "schema": {"type": "string"}},
          {"name": "startedAfter", "in": "query", "schema": {"type": "string", "format": "date-time"}},
          {"name": "startedBefore", "in": "query", "schema": {"type": "string", "format": "date-time"}},
          {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}},
          {"name": "cursor", "in": "query", "description": "next of the page before", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {"description": "The page", "content": {"application/json": {"schema": {"type": "object", "required": ["items", "next"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/SagaRow"}}, "next": {"type": ["string", "null"]}}}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "get": {
        "operationId": "readSaga",
        "summary": "A saga as it stands, always exact; with at, as it was",
        "parameters": [
          {"name": "at", "in": "query", "description": "As it was after its event of that number, or at that time (RFC 3339). 404 when it had not begun, 422 when the time has not come, 503 while an event of that time may still come. Excludes wait", "schema": {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "format": "date-time"}]}},
          {"name": "If-None-Match", "in": "header", "description": "An ETag that is known: 304 when nothing has changed", "schema": {"type": "string"}},
          {"$ref": "#/components/parameters/wait"}
        ],
        "responses": {
          "200": {"description": "The saga", "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Saga"}}}},
          "304": {"description": "Unchanged; with wait: for as long as was waited"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}/events": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "get": {
        "operationId": "readEvents",
        "summary": "The events of a saga in order",
        "parameters": [
          {"name": "after", "in": "query", "description": "Only events with a higher version", "schema": {"type": "integer", "minimum": 0, "default": 0}},
          {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}}
        ],
        "responses": {
          "200": {"description": "The page; next is the value of after for the one that follows", "content": {"application/json": {"schema": {"type": "object", "required": ["items", "next"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}, "next": {"type": ["integer", "null"]}}}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "406": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}/cancel": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "post": {
        "operationId": "cancelSaga",
        "summary": "Ask for a saga to be undone",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "properties": {"reason": {"type": "string"}}}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}/retry": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "post": {
        "operationId": "retrySaga",
        "summary": "Try a stuck step again, or now the one that waits for its next attempt",
        "description": "With a new budget of attempts and the same idempotency key.",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "properties": {"step": {"type": "string", "description": "Default: what the saga is stuck with, else the only one that waits"}, "reason": {"type": "string"}}}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}/skip": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "post": {
        "operationId": "skipStep",
        "summary": "Go on as if a stuck or waiting step were done",
        "description": "Of a step that is being undone: it stays as it is (undo partial), unless done is true.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["step", "reason"], "properties": {"step": {"type": "string"}, "output": {"description": "Of the step, as if it had answered so"}, "done": {"type": "boolean", "default": false, "description": "Of an undo: it was done by other means"}, "reason": {"type": "string"}}}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}/compensate": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "post": {
        "operationId": "compensateSaga",
        "summary": "Undo a saga that has not passed its pivot",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["reason"], "properties": {"reason": {"type": "string"}}}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}/pause": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "post": {
        "operationId": "pauseSaga",
        "summary": "Begin nothing new; the answers of calls in flight count",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "properties": {"reason": {"type": "string"}}}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}/resume": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "post": {
        "operationId": "resumeSaga",
        "summary": "Let a paused saga go on",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "properties": {"reason": {"type": "string"}}}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}/terminate": {
      "parameters": [{"$ref": "#/components/parameters/id"}],
      "post": {
        "operationId": "terminateSaga",
        "summary": "End a saga as it stands, its children too, and undo nothing",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["reason"], "properties": {"reason": {"type": "string"}}}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/sagas/{id}/signals/{event}": {
      "parameters": [{"$ref": "#/components/parameters/id"}, {"name": "event", "in": "path", "required": true, "description": "As the definition names it", "schema": {"type": "string"}}],
      "post": {
        "operationId": "signalSaga",
        "summary": "Send an event to one saga; the body is its data",
        "description": "Kept whether or not a step waits for it now. The same Idempotency-Key is kept once; it is the event's id, and its source is signal.",
        "parameters": [{"$ref": "#/components/parameters/key"}],
        "requestBody": {"content": {"application/json": {"schema": {}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "413": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "429": {"$ref": "#/components/responses/Busy"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/events": {
      "post": {
        "operationId": "sendEvents",
        "summary": "Send CloudEvents 1.0 to the sagas of their business keys, and to definitions that start on them",
        "description": "Also as one event with its attributes in headers ce-id, ce-source, ce-type, ce-specversion, ce-subject. When one is malformed, none is delivered. After a 503 the same request is sent again: source and id tell each receiver what it has. So it is after a 429: a saga keeps as many events as it may; `items` says what was reached and which sagas are full, and what comes behind in the batch was not delivered.",
        "requestBody": {"required": true, "content": {"application/cloudevents+json": {"schema": {"$ref": "#/components/schemas/CloudEvent"}}, "application/cloudevents-batch+json": {"schema": {"type": "array", "maxItems": 1000, "items": {"$ref": "#/components/schemas/CloudEvent"}}}, "application/json": {"schema": {}}}},
        "responses": {
          "202": {"description": "What each one reached, durably", "content": {"application/json": {"schema": {"oneOf": [{"$ref": "#/components/schemas/Reached"}, {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Reached"}}}}]}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "413": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "429": {"$ref": "#/components/responses/Busy"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/tasks/{queue}/poll": {
      "parameters": [{"name": "queue", "in": "path", "required": true, "schema": {"type": "string"}}],
      "post": {
        "operationId": "pollTasks",
        "summary": "Lease tasks of a queue; waits until there is one, or the patience ends",
        "description": "What is not completed, failed or kept alive by a heartbeat within its lease is given again.",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["worker"], "properties": {"worker": {"type": "string", "minLength": 1, "description": "Who asks, for the log"}, "max": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1}, "wait": {"type": "string", "default": "30s", "description": "A duration, at most 5m"}, "lease": {"$ref": "#/components/schemas/Lease"}}}}}},
        "responses": {
          "200": {"description": "The tasks, none when the patience has ended", "content": {"application/json": {"schema": {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Task"}}}}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/tasks/{id}/complete": {
      "parameters": [{"$ref": "#/components/parameters/task"}],
      "post": {
        "operationId": "completeTask",
        "summary": "The task is done",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "properties": {"output": {}}}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "413": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/tasks/{id}/fail": {
      "parameters": [{"$ref": "#/components/parameters/task"}],
      "post": {
        "operationId": "failTask",
        "summary": "The task cannot be done, or not now",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["error"], "properties": {"error": {"oneOf": [{"type": "string", "description": "Its title"}, {"type": "object", "additionalProperties": false, "required": ["title"], "properties": {"type": {"type": "string", "default": "rejected"}, "title": {"type": "string"}, "detail": {"type": "string"}}}]}, "retryable": {"type": "boolean", "default": false, "description": "Another attempt may do"}}}}}},
        "responses": {
          "202": {"$ref": "#/components/responses/Accepted"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/tasks/{id}/heartbeat": {
      "parameters": [{"$ref": "#/components/parameters/task"}],
      "post": {
        "operationId": "heartbeatTask",
        "summary": "The worker is still at it: the lease begins anew",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "properties": {"lease": {"$ref": "#/components/schemas/Lease"}}}}}},
        "responses": {
          "200": {"description": "Until when", "content": {"application/json": {"schema": {"type": "object", "required": ["leaseUntil"], "properties": {"leaseUntil": {"type": "string", "format": "date-time"}}}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/definitions": {
      "get": {
        "operationId": "listDefinitions",
        "summary": "The newest version of every definition",
        "responses": {
          "200": {"description": "All of them, by name", "content": {"application/json": {"schema": {"type": "object", "required": ["items", "next"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/DefinitionRow"}}, "next": {"type": "null"}}}}}},
          "400": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/definitions/{name}": {
      "parameters": [{"$ref": "#/components/parameters/name"}],
      "get": {
        "operationId": "readDefinition",
        "summary": "The newest version of a definition",
        "responses": {
          "200": {"$ref": "#/components/responses/Definition"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "putDefinition",
        "summary": "Add a version, unless it says the same as the newest one",
        "requestBody": {"required": true, "content": {"application/yaml": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"$ref": "#/components/responses/Definition"},
          "201": {"$ref": "#/components/responses/Definition"},
          "400": {"$ref": "#/components/responses/Problem"},
          "413": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/definitions/{name}/versions/{n}": {
      "parameters": [{"$ref": "#/components/parameters/name"}, {"name": "n", "in": "path", "required": true, "schema": {"type": "integer", "minimum": 1}}],
      "get": {
        "operationId": "readDefinitionVersion",
        "summary": "One version of a definition",
        "responses": {
          "200": {"$ref": "#/components/responses/Definition"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/definitions:validate": {
      "post": {
        "operationId": "validateDefinition",
        "summary": "Check a definition without keeping it",
        "requestBody": {"required": true, "content": {"application/yaml": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"description": "It could be put", "content": {"application/json": {"schema": {"type": "object", "required": ["name", "hash", "warnings"], "properties": {"name": {"type": "string"}, "hash": {"type": "string"}, "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}}}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "413": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/v1/views": {
      "get": {
        "operationId": "listViews",
        "summary": "Every view, and how it stands",
        "responses": {
          "200": {"description": "All of them, by name", "content": {"application/json": {"schema": {"type": "object", "required": ["items", "next"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/View"}}, "next": {"type": "null"}}}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/views/{name}": {
      "parameters": [{"$ref": "#/components/parameters/view"}],
      "get": {
        "operationId": "readViewRows",
        "summary": "A page of rows, in the order of their keys",
        "description": "Any column of an index or of the key may be given as a parameter: ?applicantId=7. The first column of an index, or of the key, must be among them.",
        "parameters": [
          {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
          {"name": "cursor", "in": "query", "description": "next of the page before", "schema": {"type": "string"}},
          {"name": "after", "in": "query", "description": "A position, as every saga answer carries: waits up to 10s until the view has passed it", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {"description": "The page", "content": {"application/json": {"schema": {"type": "object", "required": ["items", "next"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/ViewRow"}}, "next": {"type": ["string", "null"]}}}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      },
      "put": {
        "operationId": "putView",
        "summary": "Declare a view; a changed one is built beside the old and read when it has caught up",
        "requestBody": {"required": true, "content": {"application/yaml": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "object"}}}},
        "responses": {
          "200": {"$ref": "#/components/responses/ViewPut"},
          "201": {"$ref": "#/components/responses/ViewPut"},
          "400": {"$ref": "#/components/responses/Problem"},
          "413": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/views/{name}/rebuild": {
      "parameters": [{"$ref": "#/components/parameters/view"}],
      "get": {
        "operationId": "readRebuild",
        "summary": "How far the rebuild of a view has come, or how the last one ended",
        "responses": {
          "200": {"$ref": "#/components/responses/Rebuild"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      },
      "post": {
        "operationId": "rebuildView",
        "summary": "Fold the whole log into a new table beside the old one; reads go on meanwhile",
        "responses": {
          "202": {"$ref": "#/components/responses/Rebuild"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/views/{name}/skip": {
      "parameters": [{"$ref": "#/components/parameters/view"}],
      "post": {
        "operationId": "skipViewEvent",
        "summary": "Leave out the event at which a view stands stopped",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["position", "reason"], "properties": {"position": {"type": "string"}, "reason": {"type": "string"}}}}}},
        "responses": {
          "202": {"description": "Recorded: the view as it stands", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/View"}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/views/{name}/{key}": {
      "parameters": [{"$ref": "#/components/parameters/view"}, {"name": "key", "in": "path", "required": true, "schema": {"type": "string"}}],
      "get": {
        "operationId": "readViewRow",
        "summary": "The row with that key",
        "parameters": [{"name": "after", "in": "query", "description": "A position, as every saga answer carries: waits up to 10s until the view has passed it", "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "The row", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ViewRow"}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/v1/views/{name}/{k1}/{k2}": {
      "parameters": [{"$ref": "#/components/parameters/view"}, {"name": "k1", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "k2", "in": "path", "required": true, "schema": {"type": "string"}}],
      "get": {
        "operationId": "readViewRowOfTwo",
        "summary": "The row with that key of two columns",
        "parameters": [{"name": "after", "in": "query", "description": "A position, as every saga answer carries: waits up to 10s until the view has passed it", "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "The row", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ViewRow"}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Busy"}
        }
      }
    },
    "/livez": {
      "get": {
        "operationId": "livez",
        "summary": "The process runs; never touches the database",
        "responses": {"200": {"description": "It does"}, "400": {"$ref": "#/components/responses/Problem"}}
      }
    },
    "/readyz": {
      "get": {
        "operationId": "readyz",
        "summary": "Whether this node may get requests",
        "parameters": [{"name": "verbose", "in": "query", "description": "Say what is missing", "allowEmptyValue": true, "schema": {"type": "boolean"}}],
        "responses": {
          "200": {"description": "Ready", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Readiness"}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "503": {"description": "Not ready", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Readiness"}}}}
        }
      }
    },
    "/metrics": {
      "get": {
        "operationId": "metrics",
        "summary": "Prometheus text format",
        "responses": {"200": {"description": "The metrics", "content": {"text/plain": {"schema": {"type": "string"}}}}, "400": {"$ref": "#/components/responses/Problem"}}
      }
    },
    "/openapi.json": {
      "get": {"operationId": "openapi", "summary": "This document", "responses": {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}}}
    },
    "/": {
      "get": {"operationId": "root", "summary": "Where to begin", "responses": {"200": {"description": "A short text", "content": {"text/plain": {"schema": {"type": "string"}}}}}}
    }
  },
  "components": {
    "parameters": {
      "name": {"name": "name", "in": "path", "required": true, "description": "Of a definition", "schema": {"type": "string"}},
      "view": {"name": "name", "in": "path", "required": true, "description": "Of a view", "schema": {"type": "string"}},
      "id": {"name": "id", "in": "path", "required": true, "description": "Of a saga", "schema": {"type": "string", "format": "uuid"}},
      "task": {"name": "id", "in": "path", "required": true, "description": "Of a leased task, as the poll gave it", "schema": {"type": "string"}},
      "key": {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 255}},
      "wait": {"name": "wait", "in": "query", "description": "A duration such as 10s, at most 5m", "schema": {"type": "string"}}
    },
    "headers": {
      "ETag": {"description": "The number of the saga's events, quoted", "schema": {"type": "string"}},
      "Location": {"description": "Where the saga is read", "schema": {"type": "string"}}
    },
    "responses": {
      "Started": {
        "description": "200: it has ended; 201: it is durable, or answerAfter has succeeded; 202: the patience has ended first",
        "headers": {
          "Location": {"$ref": "#/components/headers/Location"},
          "ETag": {"$ref": "#/components/headers/ETag"},
          "Idempotency-Replayed": {"description": "true when the key was known already", "schema": {"type": "string"}}
        },
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Saga"}}}
      },
      "Accepted": {
        "description": "Recorded, now or before: the saga as it stands",
        "headers": {"ETag": {"$ref": "#/components/headers/ETag"}, "Location": {"$ref": "#/components/headers/Location"}},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Saga"}}}
      },
      "Definition": {"description": "The definition; 201: a new version, 200: as it stands", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Definition"}}}},
      "ViewPut": {"description": "201: a new generation, 200: as it stands", "headers": {"Location": {"$ref": "#/components/headers/Location"}}, "content": {"application/json": {"schema": {"type": "object", "required": ["name", "generation", "warnings"], "properties": {"name": {"type": "string"}, "generation": {"type": "integer"}, "warnings": {"type": "array"}}}}}},
      "Rebuild": {"description": "The rebuild as it stands", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rebuild"}}}},
      "Problem": {"description": "What went wrong, and what helps", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
      "Busy": {"description": "Try again later", "headers": {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "schemas": {
      "Status": {"enum": ["running", "waiting", "paused", "compensating", "stuck", "completed", "compensated", "cancelled", "failed"]},
      "ViewRow": {"type": "object", "description": "A member for each column of the view"},
      "View": {
        "type": "object",
        "required": ["name", "status", "generation", "hash", "lag", "stopped", "skipped", "rebuild"],
        "properties": {
          "name": {"type": "string"}, "status": {"enum": ["live", "building", "stopped", "unreadable"]}, "generation": {"type": "integer"}, "hash": {"type": "string"},
          "key": {"type": "array", "items": {"type": "string"}}, "columns": {"type": "object", "additionalProperties": {"type": "string"}}, "indexes": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
          "lag": {"type": "object", "properties": {"events": {"type": "integer", "description": "Not taken in yet"}, "seconds": {"type": "number", "description": "Age of the oldest of them"}}},
          "stopped": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/ViewStop"}]},
          "skipped": {"type": "array", "items": {"type": "string"}, "description": "Positions of events that are left out"},
          "rebuild": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Rebuild"}]}
        }
      },
      "ViewStop": {"type": "object", "required": ["position", "reason"], "properties": {"position": {"type": "string"}, "reason": {"type": "string"}}},
      "Rebuild": {
        "type": "object",
        "required": ["view", "status", "generation", "startedAt", "events", "of", "rate", "remaining"],
        "properties": {
          "view": {"type": "string"}, "status": {"enum": ["filling", "indexing", "catching-up", "stopped", "done"]}, "generation": {"type": "integer"}, "startedAt": {"$ref": "#/components/schemas/Time"},
          "events": {"type": "integer"}, "of": {"type": "integer"}, "rate": {"type": ["number", "null"], "description": "Events per second"}, "remaining": {"type": ["number", "null"], "description": "Seconds"},
          "stopped": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/ViewStop"}]},
          "rowsBefore": {"type": ["integer", "null"]}, "rowsAfter": {"type": ["integer", "null"]}, "rowsDifferent": {"type": ["integer", "null"], "description": "Of the same definition: how many rows were not the same"}
        }
      },
      "Undo": {"enum": ["none", "running", "done", "partial", "failed"]},
      "Time": {"type": ["string", "null"], "format": "date-time"},
      "SagaRow": {
        "type": "object",
        "required": ["id", "name", "version", "businessKey", "status", "startedAt", "updatedAt", "endedAt"],
        "properties": {
          "id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}, "version": {"type": "integer"}, "businessKey": {"type": "string"},
          "status": {"$ref": "#/components/schemas/Status"},
          "startedAt": {"$ref": "#/components/schemas/Time"}, "updatedAt": {"$ref": "#/components/schemas/Time"}, "endedAt": {"$ref": "#/components/schemas/Time"}
        }
      },
      "Saga": {
        "type": "object",
        "required": ["id", "name", "version", "businessKey", "status", "undo", "waitingFor", "input", "output", "error", "steps", "startedAt", "updatedAt", "endedAt", "position"],
        "properties": {
          "id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}, "version": {"type": "integer"}, "businessKey": {"type": "string"},
          "status": {"$ref": "#/components/schemas/Status"}, "undo": {"$ref": "#/components/schemas/Undo"},
          "waitingFor": {"type": "array", "items": {"$ref": "#/components/schemas/Waiting"}},
          "input": {}, "output": {},
          "error": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Problem"}]},
          "steps": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}},
          "startedAt": {"$ref": "#/components/schemas/Time"}, "updatedAt": {"$ref": "#/components/schemas/Time"}, "endedAt": {"$ref": "#/components/schemas/Time"},
          "position": {"type": "string", "description": "Of its last event: partition-position"}
        }
      },
      "Waiting": {
        "type": "object",
        "required": ["step", "operation", "reason", "since", "until"],
        "properties": {
          "step": {"type": "string", "description": "Its path; empty: the saga as a whole"}, "operation": {"enum": ["action", "compensate"]},
          "reason": {"enum": ["answer", "retry", "poll", "circuit-open", "task", "event", "timer", "child", "delivery", "operator", "resume"]},
          "since": {"$ref": "#/components/schemas/Time"}, "until": {"$ref": "#/components/schemas/Time"},
          "event": {"type": "string"}, "key": {"type": "string", "description": "The business key to which the event is sent"}, "queue": {"type": "string"}, "saga": {"type": "string", "format": "uuid", "description": "The child"}
        }
      },
      "CloudEvent": {
        "type": "object",
        "required": ["id", "source", "type", "specversion"],
        "properties": {
          "id": {"type": "string", "minLength": 1}, "source": {"type": "string", "minLength": 1}, "specversion": {"const": "1.0"},
          "type": {"type": "string", "minLength": 1, "description": "The event's name in definitions"},
          "subject": {"type": "string", "minLength": 1, "description": "The business key of the sagas it is for; only an event that definitions start on may lack it"},
          "time": {"type": "string", "format": "date-time"}, "data": {}
        },
        "additionalProperties": true
      },
      "Reached": {"type": "object", "required": ["id", "source", "reached"], "properties": {"id": {"type": "string"}, "source": {"type": "string"}, "reached": {"type": "integer", "description": "How many sagas have it, those that it started included"}, "full": {"type": "array", "items": {"type": "string"}, "description": "Sagas that keep as many events as they may (429)"}}},
      "Lease": {"type": "string", "default": "30s", "description": "A duration from 1s to 1h"},
      "Task": {
        "type": "object",
        "required": ["id", "saga", "step", "operation", "attempt", "idempotencyKey", "body", "leaseUntil"],
        "properties": {
          "id": {"type": "string"}, "saga": {"type": "string", "format": "uuid"}, "step": {"type": "string"}, "operation": {"enum": ["action", "compensate"]}, "attempt": {"type": "integer"},
          "idempotencyKey": {"type": "string", "description": "The same for every attempt"}, "body": {}, "leaseUntil": {"type": "string", "format": "date-time"}
        }
      },
      "Step": {
        "type": "object",
        "required": ["id", "status", "attempts", "startedAt", "endedAt", "output", "error", "undo"],
        "properties": {
          "id": {"type": "string"}, "status": {"enum": ["pending", "running", "succeeded", "failed", "skipped"]}, "attempts": {"type": "integer"},
          "startedAt": {"$ref": "#/components/schemas/Time"}, "endedAt": {"$ref": "#/components/schemas/Time"}, "output": {},
          "error": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Problem"}]}, "undo": {"enum": ["none", "running", "done", "failed", "skipped"]}
        }
      },
      "Event": {
        "type": "object",
        "required": ["type", "time", "position", "version"],
        "properties": {"type": {"type": "string"}, "time": {"type": "string", "format": "date-time"}, "position": {"type": "string"}, "version": {"type": "integer"}},
        "additionalProperties": true
      },
      "DefinitionRow": {
        "type": "object",
        "required": ["name", "version", "hash", "title", "createdAt"],
        "properties": {"name": {"type": "string"}, "version": {"type": "integer"}, "hash": {"type": "string"}, "title": {"type": "string"}, "createdAt": {"$ref": "#/components/schemas/Time"}}
      },
      "Definition": {
        "allOf": [{"$ref": "#/components/schemas/DefinitionRow"}],
        "required": ["description", "steps", "titles", "input", "source", "warnings"],
        "properties": {"description": {"type": "string"}, "steps": {"type": "array", "items": {"type": "string"}}, "titles": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Of the steps that have one, by id"}, "input": {"description": "The JSON Schema of its input, or null"}, "source": {"type": "string"}, "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}}
      },
      "Fault": {
        "type": "object",
        "required": ["line", "column", "detail", "remedy"],
        "properties": {"line": {"type": "integer"}, "column": {"type": "integer"}, "detail": {"type": "string"}, "remedy": {"type": "string"}}
      },
      "Readiness": {"type": "object", "required": ["status"], "properties": {"status": {"enum": ["ready", "not-ready"]}, "missing": {"type": "array", "items": {"type": "string"}}}},
      "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
          "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
          "saga": {"type": "string"}, "undo": {"$ref": "#/components/schemas/Undo"}, "step": {"type": "string"}, "parameter": {"type": "string"},
          "pointer": {"type": "string"}, "line": {"type": "integer"}, "column": {"type": "integer"},
          "errors": {"type": "array", "items": {"type": "object", "required": ["detail"], "properties": {"pointer": {"type": "string"}, "line": {"type": "integer"}, "column": {"type": "integer"}, "detail": {"type": "string"}, "remedy": {"type": "string"}}}}
        },
        "additionalProperties": true
      }
    }
  }
}
)json";
  return kDocument;
}

}  // namespace skald::api
