# Texts that every page shares
brand = Hejie
large-text = Large text
large-text-short = Aa
close = Close
hold-again = Press once more to sign
