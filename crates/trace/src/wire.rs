//! As much of protobuf's wire format, and of TensorFlow's record framing, as event files need:
//! numbers, strings and nested messages, going out and coming in. Knows no message by name.

/// A message being put together.
#[derive(Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    /// A whole number that is not negative (wire type 0).
    pub(crate) fn unsigned(mut self, field: u32, value: u64) -> Self {
        self.tag(field, 0);
        self.varint(value);
        self
    }

    /// A double (wire type 1).
    pub(crate) fn double(mut self, field: u32, value: f64) -> Self {
        self.tag(field, 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// A float (wire type 5).
    pub(crate) fn float(mut self, field: u32, value: f32) -> Self {
        self.tag(field, 5);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Text, bytes or a nested message (wire type 2).
    pub(crate) fn bytes(mut self, field: u32, value: &[u8]) -> Self {
        self.tag(field, 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    /// A packed list of doubles (wire type 2).
    pub(crate) fn doubles(self, field: u32, values: impl Iterator<Item = f64>) -> Self {
        let packed: Vec<u8> = values.flat_map(f64::to_le_bytes).collect();
        self.bytes(field, &packed)
    }

    /// Whether nothing was put in.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A nested message.
    pub(crate) fn message(self, field: u32, value: Message) -> Self {
        self.bytes(field, &value.0)
    }

    /// The message in a frame: length, checksum of the length, the message, its checksum.
    pub(crate) fn framed(&self) -> Vec<u8> {
        let length = (self.0.len() as u64).to_le_bytes();
        let mut frame = length.to_vec();
        frame.extend(masked(crc32c::crc32c(&length)).to_le_bytes());
        frame.extend(&self.0);
        frame.extend(masked(crc32c::crc32c(&self.0)).to_le_bytes());
        frame
    }

    fn tag(&mut self, field: u32, wire_type: u64) {
        self.varint(u64::from(field) << 3 | wire_type);
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    /// A whole number.
    Unsigned(u64),
    /// Eight bytes: a double.
    Double(f64),
    /// Four bytes: a float.
    Float(f32),
    /// Text, a nested message or a packed list.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The bytes, where it is bytes.
    pub(crate) fn bytes(self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The number, where it is one.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Double(value) => Some(value),
            Self::Float(value) => Some(f64::from(value)),
            Self::Unsigned(_) | Self::Bytes(_) => None,
        }
    }

    /// The doubles of a packed list, or the one that stands alone.
    pub(crate) fn doubles(self) -> Vec<f64> {
        match self {
            Self::Bytes(packed) => packed.as_chunks().0.iter().map(|eight| f64::from_le_bytes(*eight)).collect(),
            one => one.number().into_iter().collect(),
        }
    }
}

/// The fields of a message, in order. A message that breaks off, or is none, ends where it does.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u32, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        field
    }
}

impl<'a> Fields<'a> {
    /// The first field of this number.
    pub(crate) fn find(mut self, number: u32) -> Option<Value<'a>> {
        self.by_ref().find_map(|(found, value)| (found == number).then_some(value))
    }

    fn field(&mut self) -> Option<(u32, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Unsigned(self.varint()?),
            1 => Value::Double(f64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Float(f32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((u32::try_from(tag >> 3).ok()?, value))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// So many bytes, if there are that many.
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

/// TensorFlow's mask: a checksum of data that itself holds checksums is a poor checksum, so
/// the stored one is turned and shifted.
pub(crate) fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::{Fields, Message, Value, masked};

    #[test]
    fn numbers_take_as_few_bytes_as_they_need() {
        // 300 = 0b10_0101100: low seven bits 0x2c with the top bit set, then 0b10.
        assert_eq!(Message::default().unsigned(1, 300).0, [0x08, 0xac, 0x02]);
        // Field 16 no longer fits beside the wire type in seven bits: 16 << 3 = 128.
        assert_eq!(Message::default().unsigned(16, 1).0, [0x80, 0x01, 0x01]);
    }

    #[test]
    fn floats_lie_low_byte_first_behind_their_wire_type() {
        // 1.0f32 is 0x3f800000, 1.0f64 is 0x3ff0000000000000.
        assert_eq!(Message::default().float(2, 1.0).0, [0x15, 0, 0, 0x80, 0x3f]);
        assert_eq!(Message::default().double(1, 1.0).0, [0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    }

    #[test]
    fn nested_messages_and_text_are_length_first() {
        let inner = Message::default().bytes(1, b"ab");
        assert_eq!(Message::default().message(5, inner).0, [0x2a, 4, 0x0a, 2, b'a', b'b']);
    }

    #[test]
    fn the_checksum_is_castagnolis_and_is_masked() {
        // The check value of CRC-32C, as every list of checksums gives it.
        let crc = crc32c::crc32c(b"123456789");
        assert_eq!(crc, 0xe306_9283);
        // Turned right by 15: 0xe3069283 >> 15 = 0x1c60d, its low 15 bits 0x1283 << 17 =
        // 0x25060000; together 0x2507c60d, plus 0xa282ead8.
        assert_eq!(masked(crc), 0xc78a_b0e5);
    }

    #[test]
    fn what_goes_out_comes_in() {
        let inner = Message::default().bytes(1, b"ab").doubles(6, [0.5, -2.0].into_iter());
        let outer = Message::default().unsigned(2, u64::MAX).double(1, 1.5).float(16, -0.25).message(5, inner);
        let fields: Vec<(u32, Value)> = Fields(&outer.0).collect();
        assert_eq!(fields[..2], [(2, Value::Unsigned(u64::MAX)), (1, Value::Double(1.5))]);
        assert_eq!(fields[2], (16, Value::Float(-0.25)));
        let nested = fields[3].1.bytes().unwrap();
        assert_eq!(Fields(nested).find(1).unwrap().bytes(), Some(&b"ab"[..]));
        assert_eq!(Fields(nested).find(6).unwrap().doubles(), [0.5, -2.0]);
        assert_eq!(Fields(nested).find(7), None);
    }

    #[test]
    fn a_message_that_breaks_off_ends_there() {
        let message = Message::default().unsigned(1, 300).bytes(2, b"abc").0;
        let counts = (0..=message.len()).map(|end| Fields(&message[..end]).count());
        // The first field takes three bytes, the second five.
        assert_eq!(counts.collect::<Vec<_>>(), [0, 0, 0, 1, 1, 1, 1, 1, 2]);
        // A length beyond all memory, a number without an end, a wire type that is none.
        let broken: [&[u8]; 3] = [&[0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f, 1], &[0x80; 30], &[0x0f, 1]];
        broken.iter().for_each(|bytes| assert_eq!(Fields(bytes).next(), None));
    }
}
