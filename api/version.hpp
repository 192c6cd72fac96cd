// The version of this program, as CHANGELOG.md counts it.
#pragma once

namespace skald::api {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace skald::api
