//! Converts CBOR (RFC 8949) to JSON and back: bytes become base64 text, moments become seconds since 1970. A value that
//! JSON cannot express is refused.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Number, Value};

use crate::operation::shape::Shape;

/// The greatest depth to which values may be nested.
const DEEPEST: usize = 100;

/// Major types.
const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;

/// The byte that ends an item without a length.
const BREAK: u8 = 0xff;

/// Reads one value. It must be the whole input.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader(bytes);
    let value = reader.value(0)?;
    reader.0.is_empty().then_some(value)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, many: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(many)?;
        self.0 = rest;
        Some(taken)
    }

    /// Reads the head of an item: the major type, the other five bits of the first byte, and the item's number. The
    /// number is `None` for an item without a length.
    fn head(&mut self) -> Option<(u8, u8, Option<u64>)> {
        let first = *self.take(1)?.first()?;
        let (major, info) = (first >> 5, first & 31);
        let number = match info {
            0..=23 => Some(info.into()),
            24..=27 => {
                let bytes = self.take(1 << (info - 24))?;
                Some(
                    bytes
                        .iter()
                        .fold(0, |number, byte| number << 8 | u64::from(*byte)),
                )
            }
            31 => None,
            _ => return None,
        };
        Some((major, info, number))
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let (major, info, number) = self.head()?;
        Some(match (major, number) {
            (UNSIGNED, Some(number)) => number.into(),
            (NEGATIVE, Some(number)) => i64::try_from(number).ok().map(|n| -1 - n)?.into(),
            (BYTES, _) => BASE64_STANDARD.encode(self.string(BYTES, number)?).into(),
            (TEXT, _) => String::from_utf8(self.string(TEXT, number)?).ok()?.into(),
            (LIST, _) => {
                let mut items = Vec::new();
                while self.goes_on(number, items.len()) {
                    items.push(self.value(depth + 1)?);
                }
                items.into()
            }
            (MAP, _) => {
                let (mut members, mut count) = (Map::new(), 0);
                while self.goes_on(number, count) {
                    let (major, _, length) = self.head()?;
                    let name = match major {
                        TEXT => self.string(TEXT, length)?,
                        _ => return None,
                    };
                    let value = self.value(depth + 1)?;
                    members.insert(String::from_utf8(name).ok()?, value);
                    count += 1;
                }
                members.into()
            }
            // A moment: its seconds follow. AWS uses no other tag.
            (TAG, Some(1)) => self.value(depth + 1).filter(Value::is_number)?,
            (SIMPLE, Some(number)) => match info {
                20 => false.into(),
                21 => true.into(),
                22 | 23 => Value::Null,
                25 => float(half(u16::try_from(number).ok()?))?,
                26 => float(f32::from_bits(u32::try_from(number).ok()?).into())?,
                27 => float(f64::from_bits(number))?,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Returns true if another item of a list or a map follows. If the list or map has no length and ends here, takes
    /// its end mark.
    fn goes_on(&mut self, length: Option<u64>, count: usize) -> bool {
        match length {
            Some(length) => (count as u64) < length,
            None if self.0.first() == Some(&BREAK) => {
                self.0 = &self.0[1..];
                false
            }
            None => true,
        }
    }

    /// Reads the bytes of a text or a byte string. A text without a length comes in pieces.
    fn string(&mut self, major: u8, length: Option<u64>) -> Option<Vec<u8>> {
        if let Some(length) = length {
            return Some(self.take(usize::try_from(length).ok()?)?.to_vec());
        }
        let mut all = Vec::new();
        while self.goes_on(None, 0) {
            let (of, _, length) = self.head()?;
            let length = usize::try_from(length?).ok().filter(|_| of == major)?;
            all.extend_from_slice(self.take(length)?);
        }
        Some(all)
    }
}

fn float(number: f64) -> Option<Value> {
    Number::from_f64(number).map(Value::Number)
}

/// A number of 16 bits (RFC 8949, appendix D).
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
    let number = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -number } else { number }
}

/// Writes a value of the given shape.
pub(super) fn write(out: &mut Vec<u8>, shape: Option<&Shape>, value: &Value) {
    match (shape, value) {
        (Some(Shape::String(text)), Value::String(moment)) if text.timestamp => {
            head(out, TAG, 1);
            match moment.parse::<jiff::Timestamp>() {
                Ok(moment) => double(out, moment.as_millisecond() as f64 / 1000.0),
                Err(_) => write(out, None, &Value::Null),
            }
        }
        (Some(Shape::Blob), Value::String(text)) => {
            let bytes = BASE64_STANDARD.decode(text).unwrap_or_default();
            head(out, BYTES, bytes.len() as u64);
            out.extend(bytes);
        }
        (Some(Shape::Float { .. }), Value::Number(number)) => {
            double(out, number.as_f64().unwrap_or_default());
        }
        (_, Value::Null) => out.push(0xf6),
        (_, Value::Bool(is_on)) => out.push(if *is_on { 0xf5 } else { 0xf4 }),
        (_, Value::String(text)) => {
            head(out, TEXT, text.len() as u64);
            out.extend(text.bytes());
        }
        (_, Value::Number(number)) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => head(out, UNSIGNED, number),
            (None, Some(number)) => head(out, NEGATIVE, number.unsigned_abs() - 1),
            (None, None) => double(out, number.as_f64().unwrap_or_default()),
        },
        (shape, Value::Array(items)) => {
            let of = match shape {
                Some(Shape::List { member, .. }) => Some(&**member),
                _ => None,
            };
            head(out, LIST, items.len() as u64);
            items.iter().for_each(|item| write(out, of, item));
        }
        (shape, Value::Object(members)) => {
            head(out, MAP, members.len() as u64);
            for (name, value) in members {
                let of = match shape {
                    Some(Shape::Structure(of)) => of.member(name).map(|member| &member.shape),
                    Some(Shape::Map { value, .. }) => Some(&**value),
                    _ => None,
                };
                write(out, None, &name.as_str().into());
                write(out, of, value);
            }
        }
    }
}

fn double(out: &mut Vec<u8>, number: f64) {
    out.push(SIMPLE << 5 | 27);
    out.extend(number.to_be_bytes());
}

fn head(out: &mut Vec<u8>, major: u8, number: u64) {
    let major = major << 5;
    match number {
        0..=23 => out.push(major | number as u8),
        24..=0xff => out.extend([major | 24, number as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend((number as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend((number as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend(number.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("text"), 16))
            .collect::<Result<_, _>>()
            .expect("hex")
    }

    /// Examples from appendix A of RFC 8949.
    #[test]
    fn the_rfc_s_examples_are_read() {
        for (hex, value) in [
            ("00", json!(0)),
            ("17", json!(23)),
            ("1818", json!(24)),
            ("1903e8", json!(1000)),
            ("1b000000e8d4a51000", json!(1_000_000_000_000_u64)),
            ("20", json!(-1)),
            ("3903e7", json!(-1000)),
            ("f93c00", json!(1.0)),
            ("f93e00", json!(1.5)),
            ("f90001", json!(5.960_464_477_539_063e-8)),
            ("fac47a0000", json!(-1000.0)),
            ("fb3ff199999999999a", json!(1.1)),
            ("f4", json!(false)),
            ("f5", json!(true)),
            ("f6", json!(null)),
            ("c11a514b67b0", json!(1_363_896_240)),
            ("4401020304", json!("AQIDBA==")),
            ("62c3bc", json!("ü")),
            ("8301820203820405", json!([1, [2, 3], [4, 5]])),
            ("a26161016162820203", json!({ "a": 1, "b": [2, 3] })),
            ("5f42010243030405ff", json!("AQIDBAU=")),
            ("7f657374726561646d696e67ff", json!("streaming")),
            ("9f018202039f0405ffff", json!([1, [2, 3], [4, 5]])),
            ("bf61610161629f0203ffff", json!({ "a": 1, "b": [2, 3] })),
        ] {
            assert_eq!(read(&bytes(hex)), Some(value), "{hex}");
        }
    }

    #[test]
    fn what_is_broken_too_deep_or_not_json_is_refused() {
        for hex in [
            "",
            "18",
            "62c3",
            "62c328",
            "a1",
            "a10001",
            "9f01",
            "ff",
            "1c",
            "f97c00",
            "c2420102",
            "0000",
            "5bffffffffffffffff",
            "9bffffffffffffffff",
            "7f4101ff",
            "f818",
        ] {
            assert_eq!(read(&bytes(hex)), None, "{hex}");
        }
        assert_eq!(read(&vec![0x81; 200_000]), None);
    }

    #[test]
    fn what_is_written_is_read() {
        let value = json!({
            "a": [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_296_u64, -1, -256, 1.5], "b": { "c": "é", "d": null, "e": true },
        });
        let mut out = Vec::new();
        write(&mut out, None, &value);
        assert_eq!(read(&out), Some(value));
    }
}
