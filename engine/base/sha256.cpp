#include "engine/base/sha256.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "engine/base/check.hpp"
#include "engine/base/hex.hpp"

namespace skald {

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  std::array<std::uint8_t, 32> hash;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  return hash;
}

std::string sha256_hex(std::string_view bytes) {
  return to_hex(sha256(bytes));
}

namespace {

EVP_MD_CTX* context_of(void* kept) {
  return static_cast<EVP_MD_CTX*>(kept);
}

}  // namespace

void Sha256::Free::operator()(void* context) const {
  EVP_MD_CTX_free(context_of(context));
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  CHECK_THAT(context_ && EVP_DigestInit_ex(context_of(context_.get()), EVP_sha256(), nullptr) == 1,
             "OpenSSL has SHA-256");
}

void Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(context_of(context_.get()), bytes.data(), bytes.size());
}

std::string Sha256::hex() const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> copy(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  CHECK_THAT(copy && EVP_MD_CTX_copy_ex(copy.get(), context_of(context_.get())) == 1, "a hash can be copied");
  std::array<std::uint8_t, 32> hash;
  EVP_DigestFinal_ex(copy.get(), hash.data(), nullptr);
  return to_hex(hash);
}

}  // namespace skald
