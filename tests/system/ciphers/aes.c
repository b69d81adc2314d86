// SPDX-License-Identifier: Apache-2.0
// Prints what the kernel's aes-arm makes of the example in FIPS-197, appendix C.1, and the result deciphered.
#include <linux/if_alg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void crypt_block(int operation, uint32_t what, uint8_t const in[16], uint8_t out[16])
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof what)];
    } control;
    struct iovec data = {(void *)in, 16};
    struct msghdr message = {
        .msg_control = &control, .msg_controllen = sizeof control, .msg_iov = &data, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    control.header.cmsg_level = SOL_ALG;
    control.header.cmsg_type = ALG_SET_OP;
    control.header.cmsg_len = CMSG_LEN(sizeof what);
    memcpy(CMSG_DATA(&control.header), &what, sizeof what);
    if (sendmsg(operation, &message, 0) != 16 || read(operation, out, 16) != 16)
        perror("the operation");
}

static void print(uint8_t const block[16])
{
    for (int n = 0; n != 16; ++n)
        printf("%02x", block[n]);
    puts("");
}

int main(void)
{
    struct sockaddr_alg const name = {
        .salg_family = AF_ALG, .salg_type = "skcipher", .salg_name = "ecb(aes-arm)"};
    uint8_t key[16], text[16], out[16];
    for (int n = 0; n != 16; ++n) {
        key[n] = n;
        text[n] = n * 0x11;
    }
    int const cipher = socket(AF_ALG, SOCK_SEQPACKET, 0);
    if (bind(cipher, (struct sockaddr const *)&name, sizeof name) ||
        setsockopt(cipher, SOL_ALG, ALG_SET_KEY, key, sizeof key)) {
        perror("ecb(aes-arm)");
        return 1;
    }
    int const operation = accept(cipher, NULL, 0);
    crypt_block(operation, ALG_OP_ENCRYPT, text, out);
    print(out);
    crypt_block(operation, ALG_OP_DECRYPT, out, text);
    print(text);
    return 0;
}
