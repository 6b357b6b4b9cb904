#include "CChecksum.h"

#include <string.h>

#if defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>
#define HAS_CRC_CODE 1
#define CRC_CODE __attribute__((target("crc")))
#define CRC_8(crc, byte) __crc32cb((uint32_t)(crc), byte)
#define CRC_64(crc, word) __crc32cd((uint32_t)(crc), word)
#define HWCAP_CRC32_BIT (1ul << 7)
static int machine_has_instruction(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32_BIT) != 0; }
#elif defined(__x86_64__)
#include <nmmintrin.h>
#define HAS_CRC_CODE 1
#define CRC_CODE __attribute__((target("sse4.2")))
#define CRC_8(crc, byte) _mm_crc32_u8((uint32_t)(crc), byte)
#define CRC_64(crc, word) _mm_crc32_u64(crc, word)
static int machine_has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#else
#define HAS_CRC_CODE 0
static int machine_has_instruction(void) { return 0; }
#endif

// The polynomial, its highest power in the lowest bit.
#define POLYNOMIAL 0x82F63B78u

// Bytes of one of the three lanes that run side by side: the instruction takes three cycles and a
// new one can begin in each. Two sizes, so that medium input gains too.
enum { LONG_LANE = 4096, SHORT_LANE = 256 };

// table[k][b]: what byte b does to a checksum when k bytes follow it.
static uint32_t table[8][256];
// What moving a checksum past a lane of zeros does to each of its four bytes.
static uint32_t long_shift[4][256];
static uint32_t short_shift[4][256];
static int has_instruction;

// The product of two polynomials modulo the polynomial.
static uint32_t multiply(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
        if (a & bit) product ^= b;
        b = b & 1 ? b >> 1 ^ POLYNOMIAL : b >> 1;
    }
    return product;
}

// x to the power of 8 * count: what `count` bytes of zeros multiply a checksum by.
static uint32_t power_of_bytes(uint64_t count) {
    uint32_t power = 1u << 31;
    uint32_t square = 1u << 23;
    for (; count != 0; count >>= 1) {
        if (count & 1) power = multiply(square, power);
        square = multiply(square, square);
    }
    return power;
}

static void fill_shift(uint32_t shift[4][256], uint64_t count) {
    uint32_t power = power_of_bytes(count);
    uint32_t single[32];
    for (int bit = 0; bit < 32; bit++) single[bit] = multiply(power, 1u << bit);
    for (int byte = 0; byte < 4; byte++)
        for (int value = 0; value < 256; value++) {
            uint32_t sum = 0;
            for (int bit = 0; bit < 8; bit++)
                if (value >> bit & 1) sum ^= single[byte * 8 + bit];
            shift[byte][value] = sum;
        }
}

// Before main: the tables never change after it, so that any thread may read them.
__attribute__((constructor)) static void prepare(void) {
    for (uint32_t value = 0; value < 256; value++) {
        uint32_t crc = value;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
        table[0][value] = crc;
    }
    for (int row = 1; row < 8; row++)
        for (int value = 0; value < 256; value++) {
            uint32_t crc = table[row - 1][value];
            table[row][value] = table[0][crc & 0xff] ^ crc >> 8;
        }
    fill_shift(long_shift, LONG_LANE);
    fill_shift(short_shift, SHORT_LANE);
    has_instruction = machine_has_instruction();
}

uint32_t weir_crc32c_combine(uint32_t a, uint32_t b, uint64_t count_of_b) {
    return multiply(power_of_bytes(count_of_b), a) ^ b;
}

int weir_crc32c_has_instruction(void) { return has_instruction; }

// Eight bytes a step, by tables. Bytes are put together by shifts, so that the order of a machine's
// bytes does not matter.
uint32_t weir_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *next = bytes;
    crc = ~crc;
    for (; count >= 8; count -= 8, next += 8) {
        crc ^= (uint32_t)next[0] | (uint32_t)next[1] << 8 | (uint32_t)next[2] << 16
            | (uint32_t)next[3] << 24;
        crc = table[7][crc & 0xff] ^ table[6][crc >> 8 & 0xff] ^ table[5][crc >> 16 & 0xff]
            ^ table[4][crc >> 24] ^ table[3][next[4]] ^ table[2][next[5]] ^ table[1][next[6]]
            ^ table[0][next[7]];
    }
    while (count--) crc = table[0][(crc ^ *next++) & 0xff] ^ crc >> 8;
    return ~crc;
}

#if HAS_CRC_CODE
static inline uint64_t word_at(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline uint32_t shifted(uint32_t shift[4][256], uint32_t crc) {
    return shift[0][crc & 0xff] ^ shift[1][crc >> 8 & 0xff] ^ shift[2][crc >> 16 & 0xff]
        ^ shift[3][crc >> 24];
}

// Three lanes of `lane` bytes each, then put together.
CRC_CODE static inline uint32_t
three_lanes(uint32_t crc, const uint8_t *bytes, size_t lane, uint32_t shift[4][256]) {
    uint64_t first = crc, second = 0, third = 0;
    for (size_t place = 0; place < lane; place += 8) {
        first = CRC_64(first, word_at(bytes + place));
        second = CRC_64(second, word_at(bytes + lane + place));
        third = CRC_64(third, word_at(bytes + 2 * lane + place));
    }
    crc = shifted(shift, (uint32_t)first) ^ (uint32_t)second;
    return shifted(shift, crc) ^ (uint32_t)third;
}

CRC_CODE static uint32_t with_instruction(uint32_t crc, const uint8_t *next, size_t count) {
    crc = ~crc;
    for (; count >= 3 * LONG_LANE; count -= 3 * LONG_LANE, next += 3 * LONG_LANE)
        crc = three_lanes(crc, next, LONG_LANE, long_shift);
    for (; count >= 3 * SHORT_LANE; count -= 3 * SHORT_LANE, next += 3 * SHORT_LANE)
        crc = three_lanes(crc, next, SHORT_LANE, short_shift);
    for (; count >= 8; count -= 8, next += 8) crc = (uint32_t)CRC_64(crc, word_at(next));
    while (count--) crc = CRC_8(crc, *next++);
    return ~crc;
}
#endif

uint32_t weir_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if HAS_CRC_CODE
    if (has_instruction) return with_instruction(crc, bytes, count);
#endif
    return weir_crc32c_portable(crc, bytes, count);
}
