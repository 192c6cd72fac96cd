#include <fstream>
#include <sstream>

#include "tests/sagas/sandbox_stand.hpp"

namespace skald::sandbox {
namespace {

// `%` stands for what the row is about.
std::string with(const std::string& frame, const std::string& part) {
  std::string text = frame;
  text.replace(text.find('%'), 1, part);
  return text;
}

constexpr const char* kTop = R"(service: notes
port: 8100
resources:
  note: { fields: { id: text, text: optional text, stars: integer }, states: { open: [gone], gone: [] } }
routes:
  - { route: GET /notes, list: note }
%
)";
constexpr const char* kResource = R"(service: notes
port: 8100
resources:
%
routes: []
)";

struct Row {
  const char* frame;
  const char* part;
  const char* fault;  // "line:column" and a part of the message
};

const Row kFaulty[] = {
    {kTop, "colour: red", "7:1|colour"},
    {kTop, "port: 7", "7:1|port"},
    {kTop, "storage: mysql", "7:10|sqlite"},
    {kTop, "  - { route: GET /notes, list: note }", "7:5|stands twice"},
    {kTop, "  - { route: FETCH /x, list: note }", "7:14|method and a path"},
    {kTop, "  - { route: GET x, list: note }", "7:14|method and a path"},
    {kTop, "  - { route: GET /x//y, list: note }", "7:14|no segment"},
    {kTop, "  - { route: \"GET /x/{a b}\", list: note }", "7:14|no segment"},
    {kTop, "  - { route: GET /_x, list: note }", "7:14|by itself"},
    {kTop, "  - { route: GET /x, list: notes }", "7:28|no resource 'notes'"},
    {kTop, "  - { route: GET /x }", "7:5|exactly one"},
    {kTop, "  - { route: \"GET /x/{id}\", list: note, read: note }", "7:5|exactly one"},
    {kTop, "  - { route: GET /x, read: note }", "7:5|no {id}"},
    {kTop, "  - { route: GET /x, list: note, where: { colour: red } }", "7:43|no field 'colour'"},
    {kTop, "  - { route: GET /x, create: note, set: { id: a, stars: 1 } }", "7:22|changes nothing"},
    {kTop, "  - { route: POST /x, create: note, set: { id: a } }", "7:42|needs 'stars'"},
    {kTop, "  - { route: POST /x, create: note, set: { id: a, stars: 1, colour: red } }",
     "7:61|no field 'colour'"},
    {kTop, "  - { route: POST /x, create: note }", "7:5|set"},
    {kTop, "  - { route: \"POST /x/{id}\", change: note }", "7:5|`to`, `set` or both"},
    {kTop, "  - { route: \"POST /x/{id}\", change: note, to: lost }", "7:48|no state 'lost'"},
    {kTop,
     "  - { route: \"POST /x/{id}\", change: note, to: gone, set: { text: \"${ .request.path.no }\" } }",
     "7:67|'.request.path.no'"},
    {kTop, "  - { route: \"POST /x/{id}\", change: note, to: gone, set: { text: \"${ .reqest.body }\" } }",
     "7:67|'.reqest'"},
    {kTop,
     "  - { route: \"POST /x/{id}\", change: note, to: gone, set: { text: \"${ .resource.colour }\" } }",
     "7:67|'.resource.colour'"},
    {kTop, "  - { route: \"POST /x/{id}\", change: note, to: gone, answer: \"${ .found.same }\" }",
     "7:62|'.found'"},
    {kTop, "  - { route: POST /x, create: note, set: \"${ .resource }\" }", "7:42|'.resource'"},
    {kTop, "  - { route: POST /x, create: note, set: \"${ .request.path.id }\" }", "7:42|'.request.path'"},
    {kTop, "  - { route: POST /x, create: note, set: \"${ 1 + }\" }", "7:|"},
    {kTop, "  - { route: GET /x, list: note, status: 404 }", "7:42|"},
    {kTop, "  - { route: GET /x, list: note, refuse: [ { when: true, type: a } ] }", "7:44|title"},
    {kTop, "  - { route: GET /x, list: note, refuse: [ { when: true, type: a, title: b, status: 503 } ] }",
     "7:85|"},
    {kTop, "  - { route: GET /x, list: note, find: { a: { resource: note } } }", "7:45|where"},
    {kResource, "  9notes: { fields: { id: text }, states: { open: [] } }", "4:3|no name"},
    {kResource, "  note: { fields: { id: text } }", "4:9|states"},
    {kResource, "  note: { fields: { id: words }, states: { open: [] } }", "4:25|text, integer"},
    {kResource, "  note: { fields: { id: optional text, }, states: { open: [] } }", "4:11|key"},
    {kResource, "  note: { key: number, fields: { id: text }, states: { open: [] } }", "4:24|'number'"},
    {kResource, "  note: { fields: { id: text, status: text }, states: { open: [] } }", "4:31|by itself"},
    {kResource, "  note: { fields: { id: text }, states: {} }", "4:41|at least one state"},
    {kResource, "  note: { fields: { id: text }, states: { open: [lost] } }", "4:50|no state 'lost'"},
    {kResource, "  note: { fields: { id: text }, states: { open: lost } }", "4:49|list"},
    {"service: %\nport: 8100\nresources: {}\nroutes: []\n", "My Notes", "1:10|no name"},
    {"service: notes\nport: %\nresources: {}\nroutes: []\n", "70000", "2:7|"},
    {"service: notes\n%\n", "x: [", "2:|"},
    {"%", "", "1:1|"},
};

TEST_CASE("service files: each fault is found at its place, and the file is refused") {
  for (const Row& row : kFaulty) {
    const std::string text = with(row.frame, row.part);
    CAPTURE(row.part);
    const auto loaded = load_declaration(text, "f");
    CHECK_FALSE(loaded.declaration);
    std::string all;
    bool found = false;
    const std::string wanted = row.fault;
    const std::string place = "f:" + wanted.substr(0, wanted.find('|'));
    for (const auto& fault : loaded.faults) {
      const std::string line = to_text(fault);
      all += line + "\n";
      found = found || (line.starts_with(place) &&
                        line.find(wanted.substr(wanted.find('|') + 1)) != std::string::npos);
    }
    CHECK_MESSAGE(found, "wanted " << wanted << ", found\n" << all);
  }
}

TEST_CASE("service files: all faults of a file are shown, not only the first") {
  const auto loaded = load_declaration(with(kTop, "  - { route: GET /x, list: notes }\ncolour: red"), "f");
  CHECK(loaded.faults.size() >= 2);
}

TEST_CASE("service files: those of the recruitment system load without a fault, in two kinds of storage") {
  std::vector<StorageKind> kinds;
  for (const char* name : {"recruitment", "qualification", "enrollment"}) {
    const std::string file =
        std::string(SKALD_SOURCE_DIR) + "/sagas/systems/recruitment/" + name + ".service.yaml";
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    const auto loaded = load_declaration(text.str(), file);
    for (const auto& fault : loaded.faults) MESSAGE(to_text(fault));
    REQUIRE(loaded.declaration);
    CHECK(loaded.faults.empty());
    CHECK(loaded.declaration->name == name);
    kinds.push_back(loaded.declaration->storage);
  }
  CHECK(kinds == std::vector{StorageKind::Sqlite, StorageKind::Sqlite, StorageKind::Postgres});
}

}  // namespace
}  // namespace skald::sandbox
