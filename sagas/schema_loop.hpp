// A schema may refer to itself where that goes deeper into the value (a tree of nodes). One that comes back
// to itself at the same value ({"$ref": "#"} and longer ways round) would never end, and is refused at load.
#pragma once

#include "sagas/schema_keyword.hpp"

namespace skald::sagas {

void refuse_schema_loops(SchemaCompilation& compilation);

}  // namespace skald::sagas
