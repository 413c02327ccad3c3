//! Encodings by Python's names. `AWS_CLI_FILE_ENCODING` sets the encoding of text in files, and
//! `AWS_CLI_OUTPUT_ENCODING` that of answers.

use super::exit::Stop;
use super::world::Process;

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Encoding {
    /// UTF-8, the default.
    #[default]
    Utf8,
    /// UTF-8 with an optional byte order mark, which is not part of the text.
    Utf8Sig,
    /// ASCII: only bytes below 128.
    Ascii,
    /// One byte stands for each character.
    Latin1,
    /// An encoding that Python knows and this module cannot read.
    Other,
}

/// The other encodings that Python knows, in lower case without hyphens and underscores.
const OTHERS: &str = "037 1026 1125 1140 1250 1251 1252 1253 1254 1255 1256 1257 1258 273 424 437 500 775 850 852 855 857 858 860 \
    861 862 863 864 865 866 869 8859 932 936 949 950 ansi ansix341968 ansix341986 arabic asmo708 base64 \
    base64codec big5 big5hkscs big5tw bz2 bz2codec chinese cp037 cp1026 cp1051 cp1125 cp1140 cp1250 cp1251 \
    cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp1361 cp154 cp273 cp367 cp424 cp437 cp500 cp775 cp850 \
    cp852 cp855 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp866u cp869 cp932 cp936 cp949 cp950 cpgr \
    cpis csascii csbig5 cshproman8 csibm037 csibm1026 csibm273 csibm424 csibm500 csibm855 csibm857 csibm858 \
    csibm860 csibm861 csibm863 csibm864 csibm865 csibm866 csibm869 csiso2022jp csiso2022kr csiso58gb231280 \
    csisolatin1 csisolatin2 csisolatin3 csisolatin4 csisolatin5 csisolatin6 csisolatinarabic csisolatincyrillic \
    csisolatingreek csisolatinhebrew cskoi8r cspc775baltic cspc850multilingual cspc862latinhebrew \
    cspc8codepage437 cspcp852 csptcp154 csshiftjis cyrillic cyrillicasian dbcs ebcdiccpbe ebcdiccpca ebcdiccpch \
    ebcdiccphe ebcdiccpnl ebcdiccpus ebcdiccpwt ecma114 ecma118 elot928 euccn eucgb2312cn eucjis2004 eucjisx0213 \
    eucjp euckr gb18030 gb180302000 gb2312 gb23121980 gb231280 gbk greek greek8 hebrew hex hexcodec hkscs \
    hproman8 hz hzgb hzgb2312 ibm037 ibm039 ibm1026 ibm1051 ibm1125 ibm1140 ibm273 ibm367 ibm424 ibm437 ibm500 \
    ibm775 ibm819 ibm850 ibm852 ibm855 ibm857 ibm858 ibm860 ibm861 ibm862 ibm863 ibm864 ibm865 ibm866 ibm869 \
    iso2022jp iso2022jp1 iso2022jp2 iso2022jp2004 iso2022jp3 iso2022jpext iso2022kr iso646irv1991 iso646us \
    iso8859 iso885910 iso8859101992 iso885911 iso8859112001 iso885913 iso885914 iso8859141998 iso885915 \
    iso885916 iso8859162001 iso88592 iso885921987 iso88593 iso885931988 iso88594 iso885941988 iso88595 \
    iso885951988 iso88596 iso885961987 iso88597 iso885971987 iso88598 iso885981988 iso88599 iso885991989 \
    isoceltic isoir100 isoir101 isoir109 isoir110 isoir126 isoir127 isoir138 isoir144 isoir148 isoir157 isoir166 \
    isoir199 isoir226 isoir58 isoir6 jisx0213 johab koi8r korean ksc5601 ksc56011987 ksx1001 kz1048 l10 l2 l3 l4 \
    l5 l6 l7 l8 l9 latin10 latin2 latin3 latin4 latin5 latin6 latin7 latin8 latin9 maccenteuro maccentraleurope \
    maccyrillic macgreek maciceland macintosh maclatin2 macroman macturkish mbcs ms1361 ms932 ms936 ms949 ms950 \
    mskanji pt154 ptcp154 quopri quopricodec quotedprintable r8 rk1048 roman8 rot13 ruscii shiftjis shiftjis2004 \
    shiftjisx0213 sjis sjis2004 sjisx0213 strk10482002 thai tis620 tis6200 tis62025290 tis62025291 u16 u32 u7 \
    uhc ujis unicode11utf7 unicodebigunmarked unicodelittleunmarked us utf16 utf16be utf16le utf32 utf32be \
    utf32le utf7 uu uucodec windows1250 windows1251 windows1252 windows1253 windows1254 windows1255 windows1256 \
    windows1257 windows1258 xmacjapanese xmackorean xmacsimpchinese xmactradchinese zip zlib zlibcodec";

impl Encoding {
    /// The encoding with that name. Python ignores case, and accepts `-`, `_` and blanks in the name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let plain: String = (name.chars())
            .filter(|c| !"-_ .".contains(*c))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match plain.as_str() {
            "utf8" | "u8" | "utf" | "cp65001" => Some(Self::Utf8),
            "utf8sig" => Some(Self::Utf8Sig),
            "ascii" | "usascii" | "646" => Some(Self::Ascii),
            "latin1" | "iso88591" | "l1" | "88591" | "cp819" | "latin" => Some(Self::Latin1),
            other => OTHERS
                .split_whitespace()
                .any(|known| known == other)
                .then_some(Self::Other),
        }
    }

    /// The encoding of files.
    ///
    /// # Errors
    /// An unknown encoding, in Python's words, or an encoding that this module cannot read.
    pub(crate) fn of_files(process: &Process) -> Result<Self, String> {
        let Some(name) = process.var("AWS_CLI_FILE_ENCODING") else {
            return Ok(Self::Utf8);
        };
        match Self::named(name) {
            None => Err(format!("unknown encoding: {name}")),
            Some(Self::Other) => Err(format!(
                "AWS_CLI_FILE_ENCODING: {name} is not simulated; write the file in UTF-8"
            )),
            Some(encoding) => Ok(encoding),
        }
    }

    /// Decodes bytes; `None` if they are not valid in the encoding.
    pub(crate) fn decode(self, bytes: Vec<u8>) -> Option<String> {
        match self {
            Self::Latin1 => Some(bytes.into_iter().map(char::from).collect()),
            Self::Ascii if !bytes.is_ascii() => None,
            Self::Utf8Sig => {
                let text = String::from_utf8(bytes).ok()?;
                Some(
                    text.strip_prefix('\u{feff}')
                        .map_or(text.clone(), str::to_owned),
                )
            }
            _ => String::from_utf8(bytes).ok(),
        }
    }
}

/// Refuses an unknown encoding of answers. A known encoding has no effect: answers are always UTF-8.
///
/// # Errors
/// An error in aws-cli 2.36.7's words.
pub(crate) fn demand_output(process: &Process) -> Result<(), Stop> {
    match process.var("AWS_CLI_OUTPUT_ENCODING") {
        Some(name) if Encoding::named(name).is_none() => Err(Stop::Other(format!(
            "Unknown codec `{name}` specified for AWS_CLI_OUTPUT_ENCODING."
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_encodings_by_pythons_names() {
        for (name, encoding) in [
            ("UTF-8", Some(Encoding::Utf8)),
            ("utf_8_sig", Some(Encoding::Utf8Sig)),
            ("US-ASCII", Some(Encoding::Ascii)),
            ("iso-8859-1", Some(Encoding::Latin1)),
            ("cp1252", Some(Encoding::Other)),
            ("utf-16", Some(Encoding::Other)),
            ("bogus", None),
            ("", None),
        ] {
            assert_eq!(Encoding::named(name), encoding, "{name}");
        }
        let bytes = b"\xef\xbb\xbf\xc3\xa9".to_vec();
        assert_eq!(
            Encoding::Utf8Sig.decode(bytes.clone()).as_deref(),
            Some("é")
        );
        assert_eq!(
            Encoding::Latin1.decode(b"\xe9".to_vec()).as_deref(),
            Some("é")
        );
        assert_eq!(Encoding::Ascii.decode(bytes), None);
    }
}
