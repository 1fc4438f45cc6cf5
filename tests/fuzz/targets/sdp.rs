#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| hejie_fuzz::media::fuzz::sdp(octets));
