// SPDX-License-Identifier: Apache-2.0
// SHA-256 against the vectors of FIPS 180-4's examples.
#include <base/sha256.hpp>
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

using namespace vambrace;

namespace {

std::string digest_of(std::string const &text)
{
    // Exactly as large as the text, at an odd address.
    std::vector<u8> memory(text.size() + 1);
    std::copy(text.begin(), text.end(), memory.begin() + 1);
    std::string hex;
    for (u8 byte : sha256(memory.data() + 1, static_cast<u32>(text.size())).bytes) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", byte);
        hex += two;
    }
    return hex;
}

} // namespace

TEST_CASE("SHA-256 of FIPS 180-4's examples is what the standard says")
{
    CHECK(digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(digest_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("SHA-256 of a million letters is what the standard says")
{
    CHECK(digest_of(std::string(1000000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 pads messages that end next to a block's end")
{
    CHECK(digest_of(std::string(55, 'a')) ==
          "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    CHECK(digest_of(std::string(56, 'a')) ==
          "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    CHECK(digest_of(std::string(64, 'a')) ==
          "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}
