//! Compressed bodies: whole, in pieces, broken, and made to fill memory.

use crate::{GzipFault, GzipInflater, GzipLimits};
use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc, GzBuilder};
use proptest::prelude::*;
use std::io::Write;

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn inflated(limits: GzipLimits, chunks: &[&[u8]]) -> Result<Vec<u8>, GzipFault> {
    let mut inflater = GzipInflater::new(limits);
    let mut given = Vec::new();
    for chunk in chunks {
        inflater.feed(chunk, &mut |piece| given.extend_from_slice(piece))?;
    }
    inflater.finish().map(|()| given)
}

fn whole(bytes: &[u8]) -> Result<Vec<u8>, GzipFault> {
    inflated(GzipLimits::default(), &[bytes])
}

const SENT: &[u8] = "indicator,period,value\nASY_APPL,2026-W45,12\nГраничний,2026-W46,0\n".as_bytes();

#[test]
fn what_was_packed_comes_out_however_it_is_cut() {
    let bytes = packed(SENT);
    assert_eq!(whole(&bytes).unwrap(), SENT);
    let ones: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(inflated(GzipLimits::default(), &ones).unwrap(), SENT);
}

#[test]
fn members_may_follow_each_other_and_may_carry_names_and_comments() {
    let mut named = GzBuilder::new()
        .filename("тиждень.csv")
        .comment("weekly")
        .extra(vec![1, 2, 3])
        .mtime(1_700_000_000)
        .write(Vec::new(), Compression::best());
    named.write_all(b"a,b\n").unwrap();
    let mut both = named.finish().unwrap();
    both.extend(packed(b"1,2\n"));
    both.extend(packed(b""));
    assert_eq!(whole(&both).unwrap(), b"a,b\n1,2\n");
    let ones: Vec<&[u8]> = both.chunks(1).collect();
    assert_eq!(inflated(GzipLimits::default(), &ones).unwrap(), b"a,b\n1,2\n");
}

#[test]
fn the_checksum_of_a_header_is_checked_where_there_is_one() {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(b"x").unwrap();
    let data = deflate.finish().unwrap();
    let header = [0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 255];
    let (mut of_header, mut of_data) = (Crc::new(), Crc::new());
    of_header.update(&header);
    of_data.update(b"x");
    let sum = (of_header.sum() as u16).to_le_bytes();
    let tail = [of_data.sum().to_le_bytes(), 1_u32.to_le_bytes()].concat();
    let right = [header.as_slice(), &sum, &data, &tail].concat();
    assert_eq!(whole(&right).unwrap(), b"x");
    let wrong = [header.as_slice(), &[sum[0] ^ 1, sum[1]], &data, &tail].concat();
    assert_eq!(whole(&wrong), Err(GzipFault::Damaged));
}

#[test]
fn what_breaks_off_is_told_at_every_place() {
    let bytes = packed(SENT);
    for end in 0..bytes.len() {
        assert_eq!(whole(&bytes[..end]), Err(GzipFault::Truncated), "cut at {end}");
    }
}

#[test]
fn what_is_damaged_or_has_something_behind_it_is_refused() {
    let bytes = packed(SENT);
    for (place, expected) in [
        (0, GzipFault::NotGzip),
        (2, GzipFault::NotGzip),
        (3, GzipFault::NotGzip),
    ] {
        let mut broken = bytes.clone();
        broken[place] ^= 0xe0;
        assert_eq!(whole(&broken), Err(expected), "byte {place}");
    }
    for from_end in [1, 4, 5, 8] {
        let mut broken = bytes.clone();
        let place = broken.len() - from_end;
        broken[place] ^= 1;
        assert_eq!(whole(&broken), Err(GzipFault::Damaged), "{from_end} from the end");
    }
    for behind in [b"\0".as_slice(), b"PK", b"\x1fX"] {
        assert_eq!(whole(&[&bytes, behind].concat()), Err(GzipFault::TrailingBytes));
    }
    assert_eq!(whole(b"indicator,period"), Err(GzipFault::NotGzip));
}

#[test]
fn a_bomb_is_stopped_by_its_ratio_and_gives_no_more_than_the_floor() {
    let bomb = packed(&vec![b'0'; 8 * 1024 * 1024]);
    let mut inflater = GzipInflater::new(GzipLimits::default());
    let mut given = 0;
    let fault = inflater.feed(&bomb, &mut |piece| given += piece.len());
    assert_eq!(fault, Err(GzipFault::RatioTooHigh(20)));
    assert!(given <= 1024 * 1024, "{given}");
    assert_eq!(inflater.feed(b"", &mut |_| ()), Err(GzipFault::RatioTooHigh(20)));
    assert!(GzipFault::RatioTooHigh(20).is_too_large());
}

#[test]
fn the_ceiling_counts_what_comes_out_of_all_members() {
    let limits = GzipLimits {
        inflated_bytes: 100,
        ..GzipLimits::default()
    };
    let sixty = packed(&[b'x'; 60]);
    assert_eq!(inflated(limits, &[&sixty]).unwrap().len(), 60);
    assert_eq!(inflated(limits, &[&sixty, &sixty]), Err(GzipFault::TooLarge(100)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 1..4), cut in 1..50_usize) {
        let bytes: Vec<u8> = parts.iter().flat_map(|part| packed(part)).collect();
        let chunks: Vec<&[u8]> = bytes.chunks(cut).collect();
        prop_assert_eq!(inflated(GzipLimits::default(), &chunks).unwrap(), parts.concat());
    }
}
