// Descriptors: each client's connection is one, and the limit that a shell or an init system begins with is
// often a tenth of what a node takes. A node raises its own limit as far as it may; where that is too little,
// it takes fewer connections and says so, instead of letting clients wait for a descriptor that never comes.
#pragma once

#include <cstddef>

namespace skald::api {

// What a node opens beside its clients: connections to services (64 each) and to the database, files.
inline constexpr std::size_t kDescriptorsBeside = 1'000;

// Raises the soft limit to at least `wanted`, or as far as the hard limit lets it. Gives what holds now.
std::size_t raise_descriptor_limit(std::size_t wanted);

// As far as it can be raised without rights.
std::size_t descriptors_to_be_had();

// The connections that each of so many lanes may take with so many descriptors; at least one.
std::size_t connections_within(std::size_t descriptors, std::size_t lanes);

}  // namespace skald::api
