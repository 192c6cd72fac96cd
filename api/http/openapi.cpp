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
    "description": "Start sagas, watch them, cancel them, and manage their definitions. Every error is application/problem+json (RFC 9457). Unknown query parameters and unknown members of a body are errors.",
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
          {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 255}},
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
        "summary": "A saga as it stands, always exact",
        "parameters": [
          {"name": "If-None-Match", "in": "header", "description": "An ETag that is known: 304 when nothing has changed", "schema": {"type": "string"}},
          {"$ref": "#/components/parameters/wait"}
        ],
        "responses": {
          "200": {"description": "The saga", "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Saga"}}}},
          "304": {"description": "Unchanged; with wait: for as long as was waited"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "501": {"$ref": "#/components/responses/Problem"},
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
          "202": {"description": "Recorded, now or before", "headers": {"ETag": {"$ref": "#/components/headers/ETag"}, "Location": {"$ref": "#/components/headers/Location"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Saga"}}}},
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
      "id": {"name": "id", "in": "path", "required": true, "description": "Of a saga", "schema": {"type": "string", "format": "uuid"}},
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
      "Definition": {"description": "The definition; 201: a new version, 200: as it stands", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Definition"}}}},
      "Problem": {"description": "What went wrong, and what helps", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
      "Busy": {"description": "Try again later", "headers": {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "schemas": {
      "Status": {"enum": ["running", "waiting", "paused", "compensating", "stuck", "completed", "compensated", "cancelled", "failed"]},
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
          "waitingFor": {"type": "array", "items": {"type": "object", "properties": {"step": {"type": "string"}, "operation": {"enum": ["action", "compensate"]}, "reason": {"enum": ["answer", "retry", "poll", "operator"]}, "until": {"$ref": "#/components/schemas/Time"}}}},
          "input": {}, "output": {},
          "error": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Problem"}]},
          "steps": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}},
          "startedAt": {"$ref": "#/components/schemas/Time"}, "updatedAt": {"$ref": "#/components/schemas/Time"}, "endedAt": {"$ref": "#/components/schemas/Time"},
          "position": {"type": "string", "description": "Of its last event: partition-position"}
        }
      },
      "Step": {
        "type": "object",
        "required": ["id", "status", "attempts", "startedAt", "endedAt", "output", "error", "undo"],
        "properties": {
          "id": {"type": "string"}, "status": {"enum": ["pending", "running", "succeeded", "failed", "skipped"]}, "attempts": {"type": "integer"},
          "startedAt": {"$ref": "#/components/schemas/Time"}, "endedAt": {"$ref": "#/components/schemas/Time"}, "output": {},
          "error": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Problem"}]}, "undo": {"enum": ["none", "running", "done", "failed"]}
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
        "required": ["description", "steps", "input", "source", "warnings"],
        "properties": {"description": {"type": "string"}, "steps": {"type": "array", "items": {"type": "string"}}, "input": {"description": "The JSON Schema of its input, or null"}, "source": {"type": "string"}, "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}}
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
