"""Decides which cells of a file are recipients of codes. Pure. docs/api.md, "Handing out in
bulk"."""

import re

from promint.core.rules import checks
from promint.core.rules.code_cells import Read, header_word, unguarded, without_zero_fraction
from promint.core.rules.codewords import BETWEEN

# Header words, as `header_word` makes them, in the languages that files come in.
HEADERS = frozenset(
    word
    for words in (
        # English
        "customer customers customerid customerids customerno customernumber customernumbers"
        " customercode customerkey recipient recipients recipientid user users userid userids"
        " member members memberid memberids memberno membernumber membershipnumber client clients"
        " clientid clientno clientnumber account accountid accountnumber contact contactid"
        " subscriber subscriberid loyaltyid loyaltynumber email emails emailaddress emailaddresses"
        " mail mailaddress customeremail useremail memberemail contactemail recipientemail",
        # German
        "kunde kunden kundenid kundennr kundennummer kundennummern empfanger empfaenger"
        " empfangerid empfaengerid nutzer nutzerid benutzer benutzerid mitglied mitglieder"
        " mitgliedid mitgliedsid mitgliednummer mitgliedsnr mitgliedsnummer konto kontonummer"
        " abonnent emailadresse emailadressen mailadresse kundenemail",
        # French
        "clientes idclient identifiantclient numeroclient numerodeclient noclient nclient"
        " codeclient"
        " destinataire destinataires utilisateur utilisateurs idutilisateur membre membres idmembre"
        " numerodemembre numeromembre adherent adherents numeroadherent abonne abonnes courriel"
        " courriels adresseemail adressemail adressecourriel emailclient compte",
        # Spanish
        "cliente idcliente iddecliente ncliente codigocliente codigodecliente numerocliente"
        " numerodecliente destinatario destinatarios usuario usuarios idusuario iddeusuario"
        " miembro miembros idmiembro socio socios numerodesocio correo correos correoelectronico"
        " direcciondecorreo emailcliente cuenta",
        # Italian
        "clienti codicecliente idutente utente utenti destinatari membro membri idmembro"
        " numerotessera codiceutente iscritto iscritti indirizzoemail indirizzomail posta"
        " postaelettronica conto",
        # Dutch
        "klant klanten klantid klantnr klantnummer klantnummers ontvanger ontvangers ontvangerid"
        " gebruiker gebruikers gebruikerid gebruikersid lid leden lidnummer lidmaatschapsnummer"
        " abonnee abonnees emailadres emailadressen mailadres klantemail",
        # Portuguese
        "idcliente iddocliente codigodocliente numerodocliente utilizador utilizadores"
        " idutilizador usuarioid assinante assinantes numerodesocio endereco enderecodeemail"
        " correioeletronico emaildocliente conta",
    )
    for word in words.split()
)


def is_header(cell: str) -> bool:
    return header_word(cell) in HEADERS


def is_like_one(cell: str) -> bool:
    """Whether a cell is probably neither a header nor a remark: it is an address, or a number
    with or without letters."""
    return _LIKE_ONE.fullmatch(cell) is not None


def read(cell: str) -> Read:
    """Read a cell. `cell` is the trimmed text that a person sees. The recipient is kept as it is
    written."""
    typed = unguarded(cell)
    if (whole := without_zero_fraction(typed)) is not None:
        return whole if whole.reason else Read(whole.typed, whole.typed, "")
    # One code for several people would reach none of them.
    if checks.customer(typed) or BETWEEN.search(typed):
        return Read(typed, "", "malformed")
    return Read(typed, typed, "")


_LIKE_ONE = re.compile(r"(?=.*[0-9@])\S+")
