/* SPDX-License-Identifier: Apache-2.0 */
/* fixmath: logarithm, exponential and normal quantile in fixed point, the same bits everywhere. */
#include "sim/lib/fixmath.h"

/* The tables are computed with 200 bits from the formula above each; tests/lib/test_fixmath.c
 * checks every part of them against an independent computation. */

/* For c = 1 + (row + 1) / 128: floor(2^64 / c), and log2(c) in Q62 rounded up. */
typedef struct {
    uint64_t inverse;
    uint64_t log2;
} log_row;

static const log_row log_table[128] = {
    {0xfe03f80fe03f80fe, 0x00b7f285b778428c}, {0xfc0fc0fc0fc0fc0f, 0x016e79685c2d2299},
    {0xfa232cf252138abf, 0x02239a3aa266825e}, {0xf83e0f83e0f83e0f, 0x02d75a6eb1dfb0e7},
    {0xf6603d980f6603d9, 0x0389bf5721556bdf}, {0xf4898d5f85bb3950, 0x043ace27e8a7e6ad},
    {0xf2b9d6480f2b9d64, 0x04ea8bf749fc70b7}, {0xf0f0f0f0f0f0f0f0, 0x0598fdbeb244c5a0},
    {0xef2eb71fc4345238, 0x0646285b918cd6ac}, {0xed7303b5cc0ed730, 0x06f210902b6aee99},
    {0xebbdb2a5c1619c8b, 0x079cbb045fe96c88}, {0xea0ea0ea0ea0ea0e, 0x08462c466d3cf1cc},
    {0xe865ac7b7603a196, 0x08ee68cbaa95bdb0}, {0xe6c2b4481cd85689, 0x099574f13c570d10},
    {0xe525982af70c880e, 0x0a3b54fcc1fba699}, {0xe38e38e38e38e38e, 0x0ae00d1cfdeb43d0},
    {0xe1fc780e1fc780e1, 0x0b83a16a77813f95}, {0xe070381c0e070381, 0x0c2615e81781d97f},
    {0xdee95c4ca037ba57, 0x0cc76e83bf386f82}, {0xdd67c8a60dd67c8a, 0x0d67af16da7649f8},
    {0xdbeb61eed19c5957, 0x0e06db66eca6f721}, {0xda740da740da740d, 0x0ea4f726192cb7e5},
    {0xd901b2036406c80d, 0x0f4205f3a7352664}, {0xd79435e50d79435e, 0x0fde0b5c81340512},
    {0xd62b80d62b80d62b, 0x10790adbb0300970}, {0xd4c77b03531dec0d, 0x111307dad30b75cc},
    {0xd3680d3680d3680d, 0x11ac05b291f07053}, {0xd20d20d20d20d20d, 0x124407ab0e073983},
    {0xd0b69fcbd2580d0b, 0x12db10fc4d9aaf70}, {0xcf6474a8819ec8e9, 0x137124cea4cdecda},
    {0xce168a7725080ce1, 0x1406463b1b044976}, {0xcccccccccccccccc, 0x149a784bcd1b8aff},
    {0xcb8727c065c393e0, 0x152dbdfc4c96b37e}, {0xca4587e6b74f0329, 0x15c01a39fbd687a0},
    {0xc907da4e871146ac, 0x16518fe4677ba6e6}, {0xc7ce0c7ce0c7ce0c, 0x16e221cd9d0cde58},
    {0xc6980c6980c6980c, 0x1771d2ba7efb3be5}, {0xc565c87b5f9d4d1b, 0x1800a563161c5433},
    {0xc4372f855d824ca5, 0x188e9c72e0b225a5}, {0xc30c30c30c30c30c, 0x191bba891f1708b5},
    {0xc1e4bbd595f6e947, 0x19a802391e232f35}, {0xc0c0c0c0c0c0c0c0, 0x1a33760a7f60509e},
    {0xbfa02fe80bfa02fe, 0x1abe18797f1f48e2}, {0xbe82fa0be82fa0be, 0x1b47ebf73882a0a5},
    {0xbd69104707661aa2, 0x1bd0f2e9e79030ac}, {0xbc52640bc52640bc, 0x1c592fad295b567f},
    {0xbb3ee721a54d880b, 0x1ce0a4923a587cca}, {0xba2e8ba2e8ba2e8b, 0x1d6753e032ea0eff},
    {0xb92143fa36f5e02e, 0x1ded3fd442364c4f}, {0xb81702e05c0b8170, 0x1e726aa1e754d20d},
    {0xb70fbb5a19be3658, 0x1ef6d67328e2207e}, {0xb60b60b60b60b60b, 0x1f7a8568cb06cecf},
    {0xb509e68a9b94821f, 0x1ffd799a83ff9aba}, {0xb40b40b40b40b40b, 0x207fb5172f32fe68},
    {0xb30f63528917c80b, 0x210139e4fee07aa5}, {0xb21642c8590b2164, 0x21820a01ac754cb2},
    {0xb11fd3b80b11fd3b, 0x22022762a791d4f7}, {0xb02c0b02c0b02c0b, 0x228193f543ca873d},
    {0xaf3addc680af3add, 0x2300519ee52ed49e}, {0xae4c415c9882b931, 0x237e623d2ba01bc8},
    {0xad602b580ad602b5, 0x23fbc7a61d024c85}, {0xac7691840ac76918, 0x247883a84e4f9011},
    {0xab8f69e28359cd11, 0x24f4980b0b97f00b}, {0xaaaaaaaaaaaaaaaa, 0x2570068e7ef5a1e8},
    {0xa9c84a47a07f5637, 0x25ead0ebd67e4c29}, {0xa8e83f5717c0a8e8, 0x2664f8d569394d91},
    {0xa80a80a80a80a80a, 0x26de7ff6db22c481}, {0xa72f05397829cbc1, 0x275767f54042cd9a},
    {0xa655c4392d7b73a7, 0x27cfb26f3ee02cd6}, {0xa57eb50295fad40a, 0x284760fd30d552cf},
    {0xa4a9cf1d96833751, 0x28be7531440e714a}, {0xa3d70a3d70a3d70a, 0x2934f0979a3715fd},
    {0xa3065e3fae7cd0e0, 0x29aad4b6679d8895}, {0xa237c32b16cfd772, 0x2a20230e1151f1bc},
    {0xa16b312ea8fc377c, 0x2a94dd194a871b64}, {0xa0a0a0a0a0a0a0a0, 0x2b09044d313a6788},
    {0x9fd809fd809fd809, 0x2b7c9a196a286956}, {0x9f1165e7254813e2, 0x2bef9fe83c135d72},
    {0x9e4cad23dd5f3a20, 0x2c62171eaa609081}, {0x9d89d89d89d89d89, 0x2cd4011c8f11979b},
    {0x9cc8e160c3fb19b8, 0x2d455f3cb41e1411}, {0x9c09c09c09c09c09, 0x2db632d4ec3293b3},
    {0x9b4c6f9ef03a3ca9, 0x2e267d362ad8f7cb}, {0x9a90e7d95bc609a9, 0x2e963fac9c0ea78e},
    {0x99d722dabde58f06, 0x2f057b7fbb4caef8}, {0x991f1a515885fb37, 0x2f7431f26a05c814},
    {0x9868c809868c8098, 0x2fe26443059e2ba3}, {0x97b425ed097b425e, 0x305013ab7ce0e5b8},
    {0x97012e025c04b809, 0x30bd416164f64c22}, {0x964fda6c0964fda6, 0x3129ee960ddf1681},
    {0x95a02568095a0256, 0x31961c7696777b67}, {0x94f2094f2094f209, 0x3201cc2c000599fd},
    {0x9445809445809445, 0x326cfedb41565d3a}, {0x939a85c40939a85c, 0x32d7b5a5596bebe0},
    {0x92f113840497889c, 0x3341f1a761c09fbe}, {0x9249249249249249, 0x33abb3faa02166cd},
    {0x91a2b3c4d5e6f809, 0x3414fdb4982259cd}, {0x90fdbc090fdbc090, 0x347dcfe71c303da1},
    {0x905a38633e06c43a, 0x34e62ba05e418f7b}, {0x8fb823ee08fb823e, 0x354e11eb0029a6fa},
    {0x8f1779d9fdc3a218, 0x35b583ce239065a3}, {0x8e78356d1408e783, 0x361c824d7990d7b0},
    {0x8dda520237694808, 0x36830e69520117b3}, {0x8d3dcb08d3dcb08d, 0x36e9291eaa65b497},
    {0x8ca29c046514e023, 0x374ed3673c92c81e}, {0x8c08c08c08c08c08, 0x37b40e398cfcdb6b},
    {0x8b70344a139bc75a, 0x3818da88f8bba6c6}, {0x8ad8f2fba9386822, 0x387d3945c340aa67},
    {0x8a42f8705669db46, 0x38e12b5d23c38ec2}, {0x89ae4089ae4089ae, 0x3944b1b952662c6c},
    {0x891ac73ae9819b50, 0x39a7cd4195120d85}, {0x8888888888888888, 0x3a0a7eda4c112ce7},
    {0x87f78087f78087f7, 0x3a6cc764fe63aa53}, {0x8767ab5f34e47ef1, 0x3acea7c065d41dfd},
    {0x86d905447a34acc6, 0x3b3020c87acc2988}, {0x864b8a7de6d1d608, 0x3b9133567fead8bd},
    {0x85bf37612cee3c9a, 0x3bf1e0410d5e5898}, {0x8534085340853408, 0x3c52285c1c028040},
    {0x84a9f9c8084a9f9c, 0x3cb20c7910459cad}, {0x8421084210842108, 0x3d118d66c4d4e555},
    {0x839930523fbe3367, 0x3d70abf19511f61b}, {0x83126e978d4fdf3b, 0x3dcf68e36752a0fb},
    {0x828cbfbeb9a020a3, 0x3e2dc503b6ec6077}, {0x8208208208208208, 0x3e8bc1179e0caa9d},
    {0x81848da8faf0d277, 0x3ee95de1df5f5bb0}, {0x8102040810204081, 0x3f469c22ef8466c6},
    {0x8080808080808080, 0x3fa37c98fe55f286}, {0x8000000000000000, 0x4000000000000000},
};

/* 2^(i / 128) in Q63, rounded down. */
static const uint64_t exp_table[128] = {
    0x8000000000000000, 0x80b1ed4fd999ab6c, 0x8164d1f3bc030773, 0x8218af4373fc25eb,
    0x82cd8698ac2ba1d7, 0x8383594eefb6ee36, 0x843a28c3acde4046, 0x84f1f656379c1a29,
    0x85aac367cc487b14, 0x8664915b923fba03, 0x871f61969e8d1010, 0x87db357ff698d791,
    0x88980e8092da8527, 0x8955ee03618e5fdc, 0x8a14d575496efd9a, 0x8ad4c6452c728924,
    0x8b95c1e3ea8bd6e6, 0x8c57c9c4646f4ddd, 0x8d1adf5b7e5ba9e5, 0x8ddf042022e69cd5,
    0x8ea4398b45cd53c0, 0x8f6a8117e6c8e5c4, 0x9031dc431466b1dc, 0x90fa4c8beee4b12a,
    0x91c3d373ab11c336, 0x928e727d9531f9ac, 0x935a2b2f13e6e92b, 0x9426ff0fab1c04b6,
    0x94f4efa8fef70961, 0x95c3fe86d6cc7fee, 0x96942d3720185a00, 0x97657d49f17ab08e,
    0x9837f0518db8a96f, 0x990b87e266c189a9, 0x99e0459320b7fa64, 0x9ab62afc94ff864a,
    0x9b8d39b9d54e5538, 0x9c6573682ec32c2d, 0x9d3ed9a72cffb750, 0x9e196e189d472420,
    0x9ef5326091a111ad, 0x9fd228256400dd05, 0xa0b0510fb9714fc2, 0xa18faeca8544b6e3,
    0xa27043030c496818, 0xa3520f68e802bb92, 0xa43515ae09e6809e, 0xa5195786be9ef339,
    0xa5fed6a9b15138ea, 0xa6e594cfeee86b1d, 0xa7cd93b4e9653569, 0xa8b6d5167b320e08,
    0xa9a15ab4ea7c0ef8, 0xaa8d2652ec907629, 0xab7a39b5a93ed337, 0xac6896a4be3fe929,
    0xad583eea42a14ac6, 0xae493452ca35b80e, 0xaf3b78ad690a4374, 0xb02f0dcbb6e04583,
    0xb123f581d2ac258f, 0xb21a31a66618fe3b, 0xb311c412a9112489, 0xb40aaea2654b9840,
    0xb504f333f9de6484, 0xb60093a85ed5f76b, 0xb6fd91e328d17791, 0xb7fbefca8ca41e7c,
    0xb8fbaf4762fb9ee9, 0xb9fcd2452c0b9dea, 0xbaff5ab2133e45fb, 0xbc034a7ef2e9fb0c,
    0xbd08a39f580c36be, 0xbe0f6809860993e2, 0xbf1799b67a731082, 0xc0213aa1f0d08db0,
    0xc12c4cca66709456, 0xc238d2311e3d6672, 0xc346ccda24976407, 0xc4563ecc5334cb32,
    0xc5672a115506dadd, 0xc67990b5aa245f79, 0xc78d74c8abb9b15c, 0xc8a2d85c8ffe2c45,
    0xc9b9bd866e2f27a2, 0xcad2265e4290774d, 0xcbec14fef2727c5c, 0xcd078b86503dcdd1,
    0xce248c151f8480e3, 0xcf4318cf191918c1, 0xd06333daef2b2594, 0xd184df6251699ac6,
    0xd2a81d91f12ae45a, 0xd3ccf099859ac379, 0xd4f35aabcfedfa1f, 0xd61b5dfe9f9bce06,
    0xd744fccad69d6af4, 0xd870394c6db32c84, 0xd99d15c278afd7b5, 0xdacb946f2ac9cc71,
    0xdbfbb797daf23755, 0xdd2d818508324c20, 0xde60f4825e0e9123, 0xdf9612deb8f04420,
    0xe0ccdeec2a94e111, 0xe2055afffe83d368, 0xe33f8972be8a5a51, 0xe47b6ca0373da88d,
    0xe5b906e77c8348a8, 0xe6f85aaaee1fce22, 0xe8396a503c4bdc68, 0xe97c38406c4f8c56,
    0xeac0c6e7dd24392e, 0xec0718b64c1cbddc, 0xed4f301ed9942b84, 0xee990f980da3025b,
    0xefe4b99bdcdaf5cb, 0xf13230a7ad094509, 0xf281773c59ffb139, 0xf3d28fde3a641a5a,
    0xf5257d152486cc2c, 0xf67a416c733f846d, 0xf7d0df730ad13bb8, 0xf92959bb5dd4ba74,
    0xfa83b2db722a033a, 0xfbdfed6ce5f09c48, 0xfd3e0c0cf486c174, 0xfe9e115c7b8f884b,
};

/* A polynomial piece: at + or - t (slope[0] + t (slope[1] + t (slope[2] + t slope[3]))) in Q58,
 * with t from 0 to 1. The slopes interpolate (z - at) / t at the Chebyshev points t = (1 + cos(pi
 * (2 i + 1) / 8)) / 2 and are rounded down; `at` is rounded to the nearest. All are positive, and
 * so is the first derivative that they leave out: at t = 1 a piece falls short of the next one's
 * `at` and never passes it, so that z rises over the borders too. */
typedef struct {
    uint64_t at;
    uint64_t slope[4];
} piece;

/* The normal quantile z as a function of the upper tail q in 2^-9..1/2. Octave o (2^-o-1..2^-o) has
 * 16 equal segments; row 16 (o - 1) + 15 - s is for segment s, with t from 0 at its upper end,
 * where z is `at`, to 1 at its lower end. */
static const piece body_table[128] = {
    {0x0, {0x281b263f333f32, 0x17219c66, 0x29f881bc4fd, 0xb8eb8ea5}},
    {0x281dc698159c4b, {0x28230800a22d01, 0x7e3a7c77184, 0x2a323447568, 0x28ca5cba3}},
    {0x504b57f1281c69, {0x283ac3046293d9, 0xfdd057f3162, 0x2ae107c5077, 0x472c63dfe}},
    {0x7898aa7f15bee8, {0x286299250d943f, 0x180299b8200b, 0x2c09e9f4462, 0x67984605f}},
    {0xa1160d56d92497, {0x289afa359ee996, 0x206c104f6b1e, 0x2db55da00e2, 0x8b0e320e0}},
    {0xc9d457a47664bd, {0x28e487397c1b2b, 0x29330e992fbe, 0x2feff2a5286, 0xb2ba8134a}},
    {0xf2e51c186ffbfa, {0x29401724ee5022, 0x327406ca8726, 0x32cafcdf50f, 0xe00951988}},
    {0x11c5ae1f5c8388b, {0x29aebd6ba78b61, 0x3c4f3529c40e, 0x365d9b3c2d3, 0x114c06cc7c}},
    {0x1464965bdc7eaf5, {0x2a31d2c17be0a2, 0x46e9d8782c92, 0x3ac62903173, 0x1532290e51}},
    {0x170c5e3ee316077, {0x2acb009a073b04, 0x526fbd1b3cfe, 0x402c401db38, 0x19e20b3b1b}},
    {0x19be770ed7b91ed, {0x2b7c502b7205cc, 0x5f153b966964, 0x46c38626564, 0x1f9a03eb1a}},
    {0x1c7c76229811083, {0x2c483e06403460, 0x6d19d86e4473, 0x4ecf9af61d2, 0x26ae12b854}},
    {0x1f481cdb32cce7b, {0x2d31d3c348b177, 0x7ccbc8073692, 0x58a9ac9928a, 0x2f9155cd36}},
    {0x22236276eb37937, {0x2e3cc9eb30bc13, 0x8e8cb88519be, 0x64c87c91491, 0x3ae4578c4f}},
    {0x251080583cc29d2, {0x2f6db52c29efb8, 0xa2d874e231ec, 0x73cc17ae2c0, 0x498b26a8d6}},
    {0x28120197857d682, {0x30ca436139ed1d, 0xba4e43013990, 0x868f45af746, 0x5cd043e7f0}},
    {0x2b2ad70ea51492b, {0x192cc7991674e2, 0x356f45342373, 0x13d34c69317, 0x70bc20516}},
    {0x2cc10ec097fcdba, {0x199b79fc3abe2e, 0x39517bdeb09c, 0x159b957bc4e, 0x7fef77f70}},
    {0x2e5e7193a534350, {0x1a124a292a359a, 0x3d8f016bb1da, 0x17a18f9fdfd, 0x91bfca411}},
    {0x30038759a5d5a67, {0x1a91faf6849560, 0x423464e8af20, 0x19efde60473, 0xa6bdcc501}},
    {0x31b0e4e6021ddc5, {0x1b1b6a7bf7016b, 0x47506b17b292, 0x1c93742847c, 0xbfa02a971}},
    {0x33672de79265ef7, {0x1baf96f5f5483e, 0x4cf48bb39372, 0x1f9c2dbff53, 0xdd4f66fb7}},
    {0x352717193752cb7, {0x1c4fa4c41d8ad2, 0x533590652591, 0x231d9e86b6f, 0x100f6111ba}},
    {0x36f168dd2406ffa, {0x1cfce5cfe38c0e, 0x5a2c60382d27, 0x27301f591de, 0x12c1732d0c}},
    {0x38c7025c6fae2fd, {0x1db8e2c2923584, 0x61f70671b8e4, 0x2bf239b4efe, 0x160adb313e}},
    {0x3aa8dd4bff11d99, {0x1e856694f2261d, 0x6aba0984ed61, 0x318a94152ce, 0x1a158db541}},
    {0x3c981281f0cbb3d, {0x1f648d34598289, 0x74a22f6dcc2a, 0x382a95c2603, 0x1f19c69a10}},
    {0x3e95df94840dee8, {0x2058d63f40918c, 0x7fe6d95ea586, 0x401212e4387, 0x2563e3af82}},
    {0x40a3adce8d57687, {0x21653d40fd1f1f, 0x8ccd33b50529, 0x49947b4219a, 0x2d5d196aeb}},
    {0x42c31ae0605088b, {0x228d59692d7094, 0x9bac94544dec, 0x552048a51ef, 0x3798a41b4c}},
    {0x44f603da579c0a1, {0x23d587999a046b, 0xacf48f15406e, 0x6349d66391f, 0x44e8302826}},
    {0x473e9335a008fc2, {0x254322f77a9f9f, 0xc13590b8a5a4, 0x74db810fd7f, 0x567c260d62}},
    {0x499f5301ec159d9, {0x136e692252eeed, 0x364b065613fa, 0x1167e2fd00e, 0x68b541aeb}},
    {0x4ad9b015141ec75, {0x13de5ce14a072c, 0x39b60fca9bbd, 0x130f9cb8872, 0x76a2f6e59}},
    {0x4c1b44ca6b372ce, {0x145579a3319c34, 0x3d75d2136826, 0x14efdf89ca8, 0x86fa77237}},
    {0x4d648938a0bc61b, {0x14d4740e39f6b0, 0x4195d15301d3, 0x17127e9d240, 0x9a4183d32}},
    {0x4eb6018362336d3, {0x155c19c9fa2a87, 0x46239c24bdb5, 0x19836f4cda2, 0xb1210b2cd}},
    {0x50103f8e5ea0e12, {0x15ed56039d3448, 0x4b2f3f6f2abc, 0x1c5159302ee, 0xcc702b898}},
    {0x5173e50064ed688, {0x168936f77a6099, 0x50cbd96f4aa0, 0x1f8e5366697, 0xed434236e}},
    {0x52e1a5a918e034f, {0x1730f4c809dc4d, 0x57105604e121, 0x2350dfc702d, 0x11500bf027}},
    {0x545a4a60ec2df3e, {0x17e5fa01c5763e, 0x5e1862118cc8, 0x27b53bbe5c2, 0x1457e4df2d}},
    {0x55deb481f990063, {0x18a9ee4c439fb2, 0x6605a92edf2d, 0x2cdf293c0a4, 0x1812a3a024}},
    {0x576fe221bf446ee, {0x197ec3f6d026d2, 0x6f0178f210e8, 0x32fc622b773, 0x1cb47034cf}},
    {0x590ef340866cb76, {0x1a66c9502accde, 0x793ef0b93812, 0x3a4801b0e2b, 0x2284285d12}},
    {0x5abd3035039b852, {0x1b64bf17815ff8, 0x84fdf6b7338f, 0x430f5533d7e, 0x29e37a56eb}},
    {0x5c7c11b3aa8f054, {0x1c7bf5df4a3675, 0x928f461f1f86, 0x4db8c54b18c, 0x335b2e644a}},
    {0x5e4d4af4bff1c2a, {0x1db075098d460d, 0xa25a14ca0607, 0x5acdebf192d, 0x3fae2b42bf}},
    {0x6032d6afd0bdb69, {0x1f072f40256c2a, 0xb4e4128a4f15, 0x6b0a96d2ca9, 0x4ff7936863}},
    {0x622f07ef876af83, {0x1043251f53b701, 0x32b6f6b92066, 0xff7d594638, 0x60dcc986d}},
    {0x633676099f6f8c7, {0x10aba9c5adbad2, 0x35da070e7c12, 0x117fd2573aa, 0x6dc8526b6}},
    {0x6444a0340b8a4df, {0x111ac148a04771, 0x394b7b122a64, 0x133c40b8098, 0x7cf26cb3f}},
    {0x6559f4b98085b58, {0x119112d4d447fc, 0x3d16021a8367, 0x153643faa5f, 0x8ed7bffeb}},
    {0x6676ed0c1317a7d, {0x120f5ccb7d5afb, 0x414631852ae6, 0x1778fc6b07a, 0xa415cab82}},
    {0x679c0f58fee3f8f, {0x129678f616d820, 0x45eaf0ae723e, 0x1a120ddc2c5, 0xbd752e2c7}},
    {0x68c9f066f991af4, {0x132761addd029f, 0x4b1602107212, 0x1d125072895, 0xdbf7c4135}},
    {0x6a0135d04e46e03, {0x13c3383a33774e, 0x50dcb2ebc3ee, 0x208ebb53564, 0x100ec1b28c}},
    {0x6b4298aed845998, {0x146b4cbf425ebc, 0x5758be6791f1, 0x24a19f7e1bf, 0x12e08c34f8}},
    {0x6c8ee8d66f867e5, {0x15212834b74a07, 0x5ea976311180, 0x296c530a46e, 0x165930e68a}},
    {0x6de710c31d5d0a3, {0x15e699079c3022, 0x66f54a15040c, 0x2f197c172e7, 0x1aa96e2002}},
    {0x6f4c1a6c6aee15a, {0x16bdc347740029, 0x706bd316d246, 0x35e041f7dd9, 0x201386411a}},
    {0x70bf353fb5c7051, {0x17a93597430ceb, 0x7b489728429d, 0x3e08cf92774, 0x26f2d8e731}},
    {0x7241bd9acc7e9d4, {0x18ac049d068b16, 0x87d6d42302b1, 0x47f2cc2f36c, 0x2fc7696142}},
    {0x73d5464163bd913, {0x19c9ef6c20e67e, 0x9676c8842366, 0x541ecf25c1e, 0x3b47b75c5a}},
    {0x757ba4784f32153, {0x1b07908eba6c12, 0xa7a530205b14, 0x633c721112c, 0x4a7d04e865}},
    {0x7736ffb8f2c086a, {0xe3550933fd269, 0x2f01434af7a3, 0xed0bc673f8, 0x5a4603608}},
    {0x781d5401625fbf2, {0xe9630d7b19c65, 0x31ea81d219ba, 0x103e11e07ed, 0x66597f0b8}},
    {0x7909e65b6b49a74, {0xefd2b1fa393be, 0x351cd2e2f337, 0x11dc6c5977a, 0x748738cde}},
    {0x79fd1d2b8d84f58, {0xf6adb47fd5cdc, 0x38a233ae67f8, 0x13b45b403f8, 0x85442cdd4}},
    {0x7af7693cef163f9, {0xfdff2e0421057, 0x3c8668c9f6ce, 0x15d04bbc738, 0x992434f0c}},
    {0x7bf9473af89b5fb, {0x105d3d1aaa622a, 0x40d76387bd1b, 0x183d07195c1, 0xb0e3b919e}},
    {0x7d034170d125c0e, {0x10e3a3a1116047, 0x45a5c2b6f982, 0x1b0a58fe453, 0xcd74f20b7}},
    {0x7e15f1dee8651e5, {0x1174348de0d281, 0x4b0577a1f926, 0x1e4bec278dd, 0xf01242de1}},
    {0x7f3204bb4e8c6fa, {0x121029dcf797a8, 0x510e9b75d92f, 0x221a729dfb8, 0x11a57efef9}},
    {0x80583b77b30a9ea, {0x12b8f2c55ee46f, 0x57de860fff93, 0x269537ce185, 0x14e68a384d}},
    {0x818970702210288, {0x13703f952ac1da, 0x5f993e32f974, 0x2be4491cdf6, 0x18f220becb}},
    {0x82c69b70e0a58a2, {0x143810e297e09d, 0x686b658d2ba4, 0x323b778517a, 0x1e069e0280}},
    {0x8410d75169b8737, {0x1512cb38de3bc3, 0x728cd2ab2fa0, 0x39de973059b, 0x247a08fb04}},
    {0x856968f889d54f7, {0x160350e1a7b808, 0x7e4423000a7f, 0x43279909be4, 0x2cc4f47c19}},
    {0x86d1c83cfa8555f, {0x170d2423218c96, 0x8bebb4d39a82, 0x4e8f743ef7a, 0x3793585e1a}},
    {0x884bab4374f0807, {0x183495617bb06e, 0x9bf8b5175337, 0x5cbb6c2b2ad, 0x45df458ab1}},
    {0x89d9153eab42ed2, {0xcbf812671715c, 0x2bc11643ce06, 0xdda68d1856, 0x54b7d306a}},
    {0x8aa7d7919b7ea66, {0xd19b17d13b754, 0x2e7a0bf3f390, 0xf314511308, 0x6014691bf}},
    {0x8b7c69db8a726d5, {0xd7996e0fd3ba5, 0x317798383c42, 0x10b6402fcc3, 0x6d6c5fbce}},
    {0x8c572be6d03c0d0, {0xddfc3a44832f2, 0x34c32165c3af, 0x12716bfcb8b, 0x7d2e29916}},
    {0x8d388741cc3ad09, {0xe4cde84c15bdd, 0x3867bb2c1477, 0x146c9d5125f, 0x8fe566e11}},
    {0x8e20f0a25619bf0, {0xec1a662808650, 0x3c7286479380, 0x16b3e391f73, 0xa644116e0}},
    {0x8f10e98b1437e87, {0xf3ef6ce9b9493, 0x40f32a1e0826, 0x195625ddc33, 0xc12f099e4}},
    {0x9009024200c61b8, {0xfc5cdadb1c23f, 0x45fc70a15610, 0x1c65f3d349e, 0xe1cf76c84}},
    {0x9109dc2bb7edcc8, {0x1057523dbe63c0, 0x4ba50fff0c3d, 0x1ffa9dd43a5, 0x109ab223a6}},
    {0x92142ca4eebe2f8, {0x10f4dde9f4f137, 0x5208b23286e9, 0x2431b1904c0, 0x13ac710694}},
    {0x9328c07b40258e7, {0x11a0077dcbeaa9, 0x59495137aaa7, 0x2931052517e, 0x177d95ebad}},
    {0x944880312ac9fab, {0x125ab17f09f788, 0x6191087b19b7, 0x2f298fee63e, 0x1c49246ec9}},
    {0x95747547e896e15, {0x13271cc5b2d72e, 0x6b148b05869a, 0x365b70ca991, 0x22608e0f7a}},
    {0x96add0de9ae7b8b, {0x140800dcccee1d, 0x761684b4cc55, 0x3f1bb5d9f02, 0x2a360370cb}},
    {0x97f5f414038dc75, {0x1500ac648c45c7, 0x82ec50913182, 0x49dccf30462, 0x346c7141c7}},
    {0x994e7ac3388ac59, {0x161530b6fc53aa, 0x9204a771ad7e, 0x573b24f3339, 0x41f0d983b3}},
    {0x9ab94973b8afac5, {0xba54ed9f3f15f, 0x28fc1799891c, 0xd09d6a5536, 0x4ffbaa5e6}},
    {0x9b763b7ca7df61f, {0xbf9cce859ecbe, 0x2b8c28070f1f, 0xe4d8b156f7, 0x5abba633c}},
    {0x9c389fb5f964e13, {0xc53aa7ad0dc92, 0x2e5cfc4a71e1, 0xfbce2ed8de, 0x675c7c03c}},
    {0x9d00d051b015631, {0xcb371c02a60f1, 0x31777982414b, 0x115f8406bca, 0x7646fbcee}},
    {0x9dcf30bb1c7c1d4, {0xd19c03ad5a900, 0x34e61bc4ac53, 0x133ec042726, 0x87ffadefc}},
    {0x9ea42ee74df0fa1, {0xd874a460474d4, 0x38b550f359fa, 0x156607141bb, 0x9d2f8bc1a}},
    {0x9f8044e3fd804df, {0xdfcdf67f1f29b, 0x3cf3ec2ec50a, 0x17e37addb08, 0xb6afefcf4}},
    {0xa063fab375c4755, {0xe7b6faa10dd7c, 0x41b3b9dc782a, 0x1ac8b75fa6b, 0xd59b1dc76}},
    {0xa14fe88814ff4f5, {0xf041242a190e1, 0x470a3f37122b, 0x1e2bdc2b733, 0xfb636fb08}},
    {0xa244b9778338379, {0xf980df52f7b70, 0x4d11b4b62715, 0x2228f68400d, 0x129f444652}},
    {0xa3432ec521831da, {0x1038e3b3fdc289, 0x53ea50f31110, 0x26e3f2f50a3, 0x163e179758}},
    {0xa44c23ed5f77836, {0x10e85c407700f3, 0x5bbc0316ae5a, 0x2c8b52bfb1c, 0x1acacf3457}},
    {0xa56093a9b97f4ea, {0x11a899d3f54901, 0x64b8ca08ea1b, 0x335c005c8f0, 0x2092e3684c}},
    {0xa6819e38f2cb80d, {0x127c2f48caeab3, 0x6f1feb5d5873, 0x3ba6d02914b, 0x2802fb34c5}},
    {0xa7b091536cb3cd6, {0x13663ee0cf6fb5, 0x7b426f087cc4, 0x45d88bd5801, 0x31b6295bf1}},
    {0xa8eef25ca1a6f89, {0x146aa3c2cac893, 0x89897b6623b5, 0x5285ef98fe7, 0x3e8e1754af}},
    {0xaa3e8b9fb764478, {0xac7156c09f4ec, 0x269faa22f448, 0xc57298c8f9, 0x4be6e8a85}},
    {0xaaed73942e7d7da, {0xb16b819782d0b, 0x290caf7967e5, 0xd8a5b36eae, 0x561f51995}},
    {0xaba17dc13c9df59, {0xb6b70fa4e69f5, 0x2bb72ccea2be, 0xee70a20f94, 0x622189694}},
    {0xac5aff8cdf65601, {0xbc5c338c23b22, 0x2ea7975b89c8, 0x10747e58cdf, 0x705177459}},
    {0xad1a571eb7596ef, {0xc2644600a3cee, 0x31e7e7dc98f3, 0x123b97e9ea0, 0x812d74bd3}},
    {0xaddfeca002a2d1a, {0xc8d9fb687367c, 0x3583f127657e, 0x14473b30103, 0x9556a195a}},
    {0xaeac33b7185bede, {0xcfc9a5b7ed53a, 0x3989ce3ed60b, 0x16a4df5f1ee, 0xad9c4a88e}},
    {0xaf7fad4c3abeee0, {0xd74185e94ffe7, 0x3e0a6f7dc376, 0x19654be9738, 0xcb0bb3b70}},
    {0xb05ae9a980c60d1, {0xdf523191488d2, 0x431a515107aa, 0x1c9d96dd6b9, 0xef063d502}},
    {0xb13e8b0cd47d4ca, {0xe80f129ecf88c, 0x48d26b201976, 0x20687e6ff45, 0x11b60dbe42}},
    {0xb22b48ca18c2243, {0xf18f09832eb14, 0x4f516b12f59f, 0x24e844386fa, 0x15291795e3}},
    {0xb321f3253c0b876, {0xfbed3d1adb5c2, 0x56bd5c61a505, 0x2a49439bdcf, 0x197f16ea80}},
    {0xb423781971f44ff, {0x1074a282ec0533, 0x5f45e36878f3, 0x30c59aafbd0, 0x1f02095352}},
    {0xb530e955bb58a62, {0x113ccfb011509f, 0x69274f8d0545, 0x38aa6c8fd83, 0x2619bba612}},
    {0xb64b83d1f27e68f, {0x121a5713af7d88, 0x74aee3981509, 0x425f92276aa, 0x2f5a5e3d2b}},
    {0xb774b986e4b0c69, {0x1310e4ba223bf5, 0x8240e94f4578, 0x4e73111495f, 0x3b9ba5d27f}},
};

/* z as a function of L = -log2(q), which is smooth and concave, for L in 8..72. Octave e of L
 * (2^e..2^(e+1)) has 16 equal segments; row 16 (e - 3) + s is for segment s, with t from 0 at its
 * upper end, where z is `at`, to 1 at its lower end. */
static const piece tail_table[49] = {
    {0xb195a48ea8b2a63, {0x736d67fc4f5677, 0x1f359c002cded, 0x101a89fc85a2, 0xb29850a513}},
    {0xb8ae3e0e4466556, {0x6fb4b990080924, 0x1c67dee503987, 0xdd0b80e1f00, 0x8fb6dfa490}},
    {0xbf8df773e324f66, {0x6c4f525553ad6f, 0x19fdaf8aaf17d, 0xbf3f09e8bdb, 0x7511baae91}},
    {0xc639a81571a7756, {0x6931ef2a41725b, 0x17e4ee1d30e02, 0xa6b9b9a1b59, 0x6069c197c7}},
    {0xccb583c5f6ee43b, {0x66534d82ef5a62, 0x160f7c2a9dab6, 0x9258d04060b, 0x502fd1716c}},
    {0xd305373d157dd47, {0x63abbca317af14, 0x147235e039112, 0x814227fb0ab, 0x4349983148}},
    {0xd92bfe7d128efcc, {0x6134caa2878ab9, 0x1304370df4dd9, 0x72cfcac85e2, 0x38ebf08fad}},
    {0xdf2cb6b13ace9ce, {0x5ee90561822d66, 0x11be53dbbf66e, 0x6681dc8b1b7, 0x3082645416}},
    {0xe509ec95c4addb5, {0x5cc3ca050a40a5, 0x109ab569c2150, 0x5bf4b8338fc, 0x299ee8d30c}},
    {0xeac5e831a387715, {0x5ac11f31b7df54, 0xf948fd05cec5, 0x52d9e35f07d, 0x23eede48cd}},
    {0xf062b67774bb3bc, {0x58dd97534b55c2, 0xea7ea531ef5a, 0x4af2f55ccf9, 0x1f337dce75}},
    {0xf5e2313deeb1404, {0x571638fee6c960, 0xdd174d0133a0, 0x440ddae08c0, 0x1b3c8efa06}},
    {0xfb4605e583fd0b1, {0x55686c037349a2, 0xd0e66eef2519, 0x3e0210aa161, 0x17e4a7c2f4}},
    {0x1008fbaed43879f5, {0x53d1ea1a2ce53c, 0xc5c6694a169b, 0x38ae8f6be69, 0x150e7adbc2}},
    {0x105c0b4aa595d4fe, {0x5250b26d0371c1, 0xbb973d0779fe, 0x33f83878b2f, 0x12a2e23a7f}},
    {0x10ada394a8c1ccf5, {0x50e2ff599c00be, 0xb23d8f487247, 0x2fc8a113be7, 0x108f6e4ddd}},
    {0x114cb793b8c8403a, {0x9c780e38479f8a, 0x286c18fe9af6f, 0x14520b090652, 0xdd28ae67cf}},
    {0x11e6bc7e9afefac7, {0x97a4a8fd707921, 0x24e14a0f667c0, 0x117abe99abdf, 0xb275f1b331}},
    {0x127c23facacd6862, {0x933a9d8601b1e6, 0x21d239a9f009e, 0xf2941bd7f54, 0x91c1ab4836}},
    {0x130d5024a3fa4d7f, {0x8f2be795d51163, 0x1f28a39a03cec, 0xd3fa9d4f1ab, 0x7856af7f4f}},
    {0x139a965c80461987, {0x8b6cf96fc7750d, 0x1cd3244277d7b, 0xba7ce51db96, 0x6452c2dc5d}},
    {0x1424417663b9145f, {0x87f434ca353366, 0x1ac3fae3c3426, 0xa51052c6733, 0x546000e901}},
    {0x14aa937461db4e99, {0x84b98568198bbd, 0x18f026fd2c716, 0x92e99a50c92, 0x4787d9f292}},
    {0x152dc6e859cadcb6, {0x81b613e27c6898, 0x174ec3f80d6dd, 0x836bc5ee599, 0x3d15ba1a6d}},
    {0x15ae1011c48d8321, {0x7ee40a1cd0b127, 0x15d890320d39a, 0x761c423d6cc, 0x348381f6f9}},
    {0x162b9dc6d511fb3a, {0x7c3e64d0a0e974, 0x148792bb03d4d, 0x6a9a54833ea, 0x2d6c49c150}},
    {0x16a69a3448806adf, {0x79c0ceed19eb5b, 0x1356d72334c8d, 0x6098ead2653, 0x27834121f8}},
    {0x171f2b7c7c98f073, {0x7767846e0c846b, 0x1242395d2fb53, 0x57da113ac79, 0x228d4b8cd5}},
    {0x1795743c5ad4d966, {0x752f3aef4a28ab, 0x11463d7ce4bd6, 0x502b91b7e00, 0x1e5c76afc3}},
    {0x180993fb2838deee, {0x73150eb38119e6, 0x105ff0527ff1f, 0x49646ae71fe, 0x1accb6a497}},
    {0x187ba7892c24c56c, {0x71167327c0cd82, 0xf8cceb503a43, 0x4362e30e7b1, 0x17c1852e78}},
    {0x18ebc95048f10972, {0x6f3126286ba2a6, 0xecab1e602f4e, 0x3e0b0e31a26, 0x1524214c7b}},
    {0x19c696c5c43189d8, {0xd7554bdd7de79e, 0x35c9a5936928a, 0x1a74316c5671, 0x11af9b700dd}},
    {0x1a9aa904c4b7b8e7, {0xd0e7cd9a462615, 0x312bd10c2d8e1, 0x16cf4db4c834, 0xe4f471bc1f}},
    {0x1b689427a4296510, {0xcb03c4f2d1f3f9, 0x2d2ce446877ec, 0x13d421d11b71, 0xbb7773c286}},
    {0x1c30d8560989ab0a, {0xc5972c8eae465f, 0x29b0995392ebd, 0x115d11fe6ff8, 0x9b23c3fbb0}},
    {0x1cf3e5535fc216ec, {0xc09320a2f48216, 0x26a0cd96251bd, 0xf4e3124236b, 0x819f72a272}},
    {0x1db21d472fcf0a10, {0xbbeb34cad74666, 0x23ebf4d2ab61c, 0xd9271e8f5ed, 0x6d3ead8264}},
    {0x1e6bd6f18a5e1e93, {0xb794f3f4b17498, 0x2183fd5ed7a03, 0xc19bdb30719, 0x5ccc3255d1}},
    {0x1f215f6f5678c7df, {0xb3877ea2d2c231, 0x1f5d81d9305cd, 0xad7a1c3ddff, 0x4f64ffb720}},
    {0x1fd2fba88ab07496, {0xafbb3f5fefb738, 0x1d6f30fbf17f0, 0x9c260572a72, 0x44601dd81b}},
    {0x2080e97b7f10c8f2, {0xac29afb0082b3e, 0x1bb15bd2877a2, 0x8d245a091b4, 0x3b3e2b3658}},
    {0x212b60b3acf8988d, {0xa8cd29683643a0, 0x1a1d9f93a62f9, 0x8012ba0f31b, 0x339dff6045}},
    {0x21d293d6b4f03bb7, {0xa5a0c1777018ed, 0x18aea3aa07108, 0x74a1ed04752, 0x2d34b210bb}},
    {0x2276b0cff70f10ce, {0xa2a029f375827c, 0x175fe6a942aa8, 0x6a91a1e5340, 0x27c7ef0cc7}},
    {0x2317e181291c7d87, {0x9fc799cbebba4d, 0x162d966c40908, 0x61ad3c2de56, 0x2329df565f}},
    {0x23b64c3cedb52e5f, {0x9d13b8ec5905c4, 0x151470a467599, 0x59c964f740d, 0x1f362d622c}},
    {0x2452142f5fc17f66, {0x9a818fe07744da, 0x1411a9db11960, 0x52c22ca8a2f, 0x1bcfd181c4}},
    {0x25823ab581b30b0c, {0x12b7036d8aed187, 0x4917dcfcdc3f9, 0x235c5cc86d9e, 0x174fb8d74a2}},
};

static inline uint64_t mul_high(uint64_t a, uint64_t b)
{
    return (uint64_t)((unsigned __int128)a * b >> 64);
}

/* v = 2^-k m with m in 1/2..1, and m = c (1 - s) with s in 0..1/129 from the next c of the table:
 * log2(m) = log2(c) - log2(e) (s + s^2/2 + s^3/3 + s^4/4 + ...). Each rounding and the cut
 * of the series raise the logarithm, and so do the rounded up log2(c): the pieces join without a
 * step down. */
uint64_t fixmath_minus_log2_q57(unsigned __int128 v)
{
    uint64_t high = (uint64_t)(v >> 64), low = (uint64_t)v;
    int k = high != 0 ? __builtin_clzll(high) : 64 + __builtin_clzll(low | 1);
    uint64_t m = (uint64_t)(v << k >> 64); /* Q64, the top bit is set */

    SIM_ASSERT(v != 0);
    const log_row *row = &log_table[m >> 56 & 127];
    uint64_t below = ((m >> 56) + 1) << 56;               /* c; wraps to 0 for 2^64 */
    below -= m;                                           /* 1..2^56 */
    uint64_t s = mul_high(below << 7, row->inverse) << 1; /* Q71 */
    uint64_t sum = UINT64_C(0x171547652b82fe17);          /* log2(e) / 4 in Q62, and so on */
    sum = UINT64_C(0x1ec709dc3a03fd74) + (mul_high(s, sum) >> 7);
    sum = UINT64_C(0x2e2a8eca5705fc2e) + (mul_high(s, sum) >> 7);
    sum = UINT64_C(0x5c551d94ae0bf85d) + (mul_high(s, sum) >> 7);
    uint64_t log2_of_m = row->log2 - (mul_high(s, sum) >> 7);
    return ((uint64_t)(k + 1) << 57) - (log2_of_m >> 5);
}

uint64_t fixmath_tail_q57(uint64_t word)
{
    return fixmath_minus_log2_q57((unsigned __int128)~word << 64 | UINT64_C(1) << 63);
}

/* t in Q63 */
static inline uint64_t climb(const piece *row, uint64_t t)
{
    uint64_t sum = row->slope[3];

    sum = row->slope[2] + (mul_high(t, sum) << 1);
    sum = row->slope[1] + (mul_high(t, sum) << 1);
    sum = row->slope[0] + (mul_high(t, sum) << 1);
    return mul_high(t, sum) << 1;
}

/* The top bit of `aligned` is set and 4 bits of segment follow: 1 minus the rest, in Q63. */
static inline uint64_t piece_from_end(uint64_t aligned)
{
    return ((UINT64_C(1) << 59) - (aligned & ((UINT64_C(1) << 59) - 1))) << 4;
}

/* The quantile beyond 2.88 */
static uint64_t normal_tail(uint64_t upper_word)
{
    uint64_t tail = fixmath_tail_q57(upper_word);
    int zeros = __builtin_clzll(tail); /* 3 for 8 <= L < 16 */
    uint64_t aligned = tail << zeros;

    SIM_ASSERT(tail >= UINT64_C(8) << 57 && tail <= UINT64_C(65) << 57);
    const piece *row = &tail_table[16 * (3 - zeros) + (int)(aligned >> 59 & 15)];
    return row->at - climb(row, piece_from_end(aligned));
}

int64_t fixmath_normal_q58(uint64_t word)
{
    uint64_t sign = (word >> 63) - 1; /* all ones in the lower half */
    uint64_t upper = word ^ sign;     /* the mirror image in the upper half */
    uint64_t q = ~upper;              /* Q64; the half that is missing is below 2^-55 of it */
    uint64_t z;

    if (q >> 55 == 0) {
        z = normal_tail(upper);
    } else {
        int zeros = __builtin_clzll(q); /* 1 to 8 */
        uint64_t aligned = q << zeros;
        const piece *row = &body_table[16 * zeros - 1 - (int)(aligned >> 59 & 15)];
        z = row->at + climb(row, piece_from_end(aligned));
    }
    return (int64_t)((z ^ sign) - sign);
}

/* y = n + i/128 + r: 2^y = 2^n (2^(i/128) (1 + r ln2 + (r ln2)^2/2 + ...)). Every rounding and the
 * cut of the series lower the result, so the pieces join without a step down. */
uint64_t fixmath_scale_exp2(uint64_t base, int64_t y_q48)
{
    int64_t n = y_q48 >> 48;
    uint64_t fraction = (uint64_t)y_q48 << 16; /* Q64 */
    uint64_t node = exp_table[fraction >> 57];
    uint64_t r = fraction << 7;                  /* Q71 */
    uint64_t sum = UINT64_C(0x071ac235c1282fe2); /* ln2^3 / 3! in Q63, and so on */

    SIM_ASSERT(base <= UINT64_C(1) << 63);
    sum = UINT64_C(0x1ebfbdff82c58ea8) + (mul_high(r, sum) >> 7);
    sum = UINT64_C(0x58b90bfbe8e7bcd5) + (mul_high(r, sum) >> 7);
    sum = mul_high(r, sum) >> 7;
    uint64_t power = node + (mul_high(node, sum) << 1); /* Q63 */
    unsigned __int128 product = (unsigned __int128)base * power;
    if (n >= 63)
        return base == 0 ? 0 : UINT64_C(1) << 63;
    if (n < -64)
        return 0;
    int shift = (int)(63 - n); /* 1..127 */
    product = (product >> (shift - 1)) + 1;
    product >>= 1;
    return product >> 63 != 0 ? UINT64_C(1) << 63 : (uint64_t)product;
}
