/** SHA-256 of a short ASCII text, at once: a browser's own is slower for many small ones, and needs TLS. */
(function expose(scope) {
  const K = new Uint32Array(64);
  const START = new Uint32Array(8);
  for (let prime = 2, count = 0; count < 64; prime += 1) {
    let isPrime = true;
    for (let factor = 2; factor * factor <= prime; factor += 1) if (prime % factor === 0) isPrime = false;
    if (!isPrime) continue;
    if (count < 8) START[count] = (prime ** 0.5 % 1) * 2 ** 32;
    K[count] = (Math.cbrt(prime) % 1) * 2 ** 32;
    count += 1;
  }
  const W = new Uint32Array(64);
  const turn = (value, by) => (value >>> by) | (value << (32 - by));

  scope.sha256Words = function sha256Words(text) {
    const state = START.slice();
    const blocks = ((text.length + 8) >> 6) + 1;
    const message = new Uint32Array(blocks * 16);
    for (let at = 0; at < text.length; at += 1) message[at >> 2] |= text.charCodeAt(at) << (24 - (at % 4) * 8);
    message[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
    message[blocks * 16 - 1] = text.length * 8;
    for (let block = 0; block < blocks; block += 1) {
      for (let i = 0; i < 64; i += 1) {
        if (i < 16) W[i] = message[block * 16 + i];
        else {
          const x = W[i - 15];
          const y = W[i - 2];
          W[i] = W[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + W[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
        }
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i += 1) {
        const t1 = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
        const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    }
    return state;
  };
})(globalThis);
