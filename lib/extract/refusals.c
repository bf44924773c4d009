/* SPDX-License-Identifier: MIT */
#include "extract/refusals.h"

#include "extract/squash.h"

/* Words are parted by '|', lower case and without punctuation, as squash.h compares them; cut where endings
 * differ. */
static const struct {
	const char *things, *fates;
} languages[] = {
	/* clang-format off */
	{"page|article|story|post|content|topic|thread|video|blog|item|document|entry|link",
	 "not found|not be found|cant be found|cant find|cannot find|couldnt find|could not find|unable to find|no longer available|no longer exist|no longer here|isnt available|is not available|isnt here|is unavailable|been removed|was removed|been deleted|was deleted|been taken down|does not exist|doesnt exist|has expired|been moved|been archived|been unpublished|gone missing"},
	{"seite|artikel|beitrag|inhalt|dokument|meldung|adresse|anzeige|video",
	 "nicht gefunden|nicht finden|nicht verfügbar|nicht mehr verfügbar|existiert nicht|existiert leider nicht|nicht existiert|nicht mehr existiert|nicht mehr vorhanden|nicht vorhanden|wurde gelöscht|gelöscht worden|wurde entfernt|entfernt worden|entfernt oder|wurde verschoben|verschoben oder|abgelaufen|gibt es nicht|nicht mehr online|nicht aufgerufen werden"},
	{"page|article|contenu|document|adresse|lien|annonce",
	 "introuvable|plus disponible|pas disponible|nexiste pas|nexiste plus|été supprimé|été retiré|été déplacé|pas été trouvé|pas trouvé|non trouvé|indisponible|plus en ligne|plus accessible|a expiré"},
	{"página|pagina|noticia|artículo|articulo|contenido|enlace|dirección|entrada",
	 "no existe|no encontrad|no ha sido encontrad|no se ha encontrado|no se encuentra|no está disponible|no esta disponible|ya no está|ya no esta|sido eliminad|fue eliminad|no encontramos|no pudimos encontrar|no hemos encontrado|no hemos podido encontrar|no disponible|sido borrad"},
	{"página|pagina|notícia|artigo|conteúdo|matéria|endereço|publicação",
	 "não encontrad|não foi encontrad|não existe|não está disponível|não está mais|não disponível|foi removid|sido removid|foi excluíd|sido excluíd|não encontramos|não pôde ser encontrad|foi movid|indisponível"},
	{"pagina|articolo|contenuto|notizia|indirizzo",
	 "non trovat|non è stata trovata|non è stato trovato|non esiste|non è disponibile|non è più disponibile|stata rimossa|stato rimosso|stata spostata|stata eliminata|stato eliminato|non è più online|non abbiamo trovato|non disponibile"},
	{"pagina|artikel|bericht|inhoud|verhaal",
	 "niet gevonden|bestaat niet|niet meer beschikbaar|niet beschikbaar|is verwijderd|niet meer online|niet vinden|verplaatst of|of verplaatst|niet worden gevonden|bestaat helaas niet"},
	{"sidan|artikeln|innehållet",
	 "hittades inte|inte hittas|hittades tyvärr inte|finns inte|finns tyvärr inte|inte längre|tagits bort|har flyttats|hittar inte|inte hitta|är borttagen"},
	{"siden|artiklen|indholdet|artikkelen|innholdet|side",
	 "findes ikke|ikke fundet|ikke findes|blevet slettet|blevet fjernet|blevet flyttet|er fjernet|er slettet|ikke længere|eksisterer ikke|ikke finde|finnes ikke|ikke funnet|fant ikke|er flyttet|ikke lenger|fant dessverre ikke"},
	{"sivu|artikkeli|sisältö", "ei löyty|ei ole olemassa|on poistettu|ei ole enää|ei löydetty|ei ole saatavilla|ei voitu löytää"},
	{"lehekül|leht|artikkel", "ei leitud|ei leia|ei eksisteeri|on eemaldatud|on kustutatud"},
	{"lapa|raksts", "nav atrast|neeksistē|ir dzēst|nav pieejam"},
	{"puslapi|straipsni", "nerast|neegzistuoja|pašalint|ištrint|neberandam"},
	{"stron|artykuł|treść|materiał",
	 "nie istnieje|nie została znaleziona|nie znalez|została usunięt|został usunięt|zostały usunięt|nie jest już dostępn|nie jest dostępn|nie możemy znaleźć|nie udało się znaleźć|przeniesion"},
	{"stránk|článek|článok|obsah", "nenalezen|nebyla nalezen|nebyl nalezen|neexistuje|smazán|odstraněn|nelze najít|není dostupn|přesunut|nenašl|nenájden|odstránen|nie je dostupn|nebola nájden"},
	{"stranic|članak|članek|stran|vijest", "nije pronađen|ne postoji|nije dostup|je uklonjen|je obrisan|ni mogoče najti|ne obstaja|ni bila najdena|ni najdena"},
	{"страниц|чланак", "није пронађен|не постоји|је уклоњен"},
	{"oldal|cikk|tartalom", "nem található|nem létezik|nem elérhető|nem érhető el|törölt|áthelyez|nem találjuk|eltávolít"},
	{"pagina|articol|conținut", "nu a fost găsit|nu există|nu mai există|nu mai este disponibil|nu este disponibil|nu a putut fi găsit|fost șters|fost ștears|fost mutat"},
	{"sayfa|haber|içerik|makale|yazı", "bulunamadı|bulunamıyor|mevcut değil|kaldırıl|silinmiş|silindi|yayında değil|artık yok|taşınmış"},
	{"страниц|стать|материал|новост|запис|публикац|документ|контент",
	 "не найден|не существует|удален|удалён|перемещен|перемещён|недоступн|с публикации|больше нет|не можем найти|не удалось найти|был снят|была снята"},
	{"сторінк|статт|матеріал|новин|публікац", "не знайден|не існує|видален|недоступн|переміщен|більше немає"},
	{"страниц|статия|съдържание", "не е намерен|не беше намерен|не съществува|премахнат|изтрит"},
	{"σελίδα|άρθρο|περιεχόμενο", "δεν βρέθηκε|δεν βρίσκεται|δεν υπάρχει|δεν είναι διαθέσιμ|έχει αφαιρεθεί|έχει διαγραφεί|δεν μπορεί να βρεθεί|έχει μετακινηθεί"},
	{"الصفحة|المقال|المحتوى|الخبر|صفحة", "غير موجود|لم يتم العثور|غير متاح|غير متوفر|تم حذف|تعذر العثور|تمت إزالة"},
	{"صفحه|مطلب|خبر", "یافت نشد|پیدا نشد|وجود ندارد|حذف شده"},
	{"העמוד|הדף|הכתבה|הכתובת|דף", "לא נמצא|לא קיים|אינו קיים|הוסר|נמחק|לא קיימת|אינה קיימת"},
	{"पृष्ठ|पेज|लेख|खबर|पन्ना", "नहीं मिला|नहीं मिली|नहीं मिल|उपलब्ध नहीं|मौजूद नहीं|हटा दिया|हटा दी"},
	{"পাতা|পৃষ্ঠা|পেজ", "পাওয়া যায়নি|খুঁজে পাওয়া"},
	{"หน้า|บทความ|เนื้อหา", "ไม่พบ|ไม่มีอยู่|ถูกลบ|หาไม่เจอ"},
	{"pàgina|article|contingut", "no existeix|no trobada|no trobat|no sha trobat|ja no està disponible|no està disponible|ha estat eliminat"},
	{"páxina|artigo|contido", "non existe|non atopada|non se atopou|xa non está"},
	{"orria|orri|artikulua", "ez da aurkitu|ez da existitzen|ez dago eskuragarri"},
	{"síðan|greinin", "fannst ekki|finnst ekki|er ekki til|ekki lengur"},
	{"trang|bài viết|nội dung", "không tìm thấy|không tồn tại|đã bị xóa|đã bị xoá|không còn tồn tại|không khả dụng"},
	{"halaman|artikel|konten|berita|laman", "tidak ditemukan|tidak tersedia|sudah dihapus|telah dihapus|tidak dapat ditemukan|tidak wujud|tidak dijumpai"},
	{"ページ|記事|コンテンツ|url", "見つかりません|存在しません|存在しない|削除され|期間が終了|期間は終了|公開を終了|公開は終了|掲載を終了"},
	{"페이지|기사|게시물|게시글|콘텐츠|주소", "찾을 수 없|존재하지 않|삭제되었|삭제된|이용할 수 없|볼 수 없"},
	{"页面|网页|文章|内容|链接|网址|稿件|新闻|頁面|網頁|內容|連結|網址", "不存在|未找到|找不到|已删除|已被删除|被删除|已刪除|已被刪除|已下线|已下架|无法找到|無法找到|走丢|已移除|已失效|无法访问"},
	/* clang-format on */
};

enum { WORD_MAX = 96 };

/* The next of the words parted by '|', as a string. False: there is none, or it is too long. */
static bool next_word(const char **rest, char word[static WORD_MAX])
{
	size_t n = 0;

	while (**rest == '|')
		++*rest;
	while (**rest && **rest != '|' && n < WORD_MAX - 1)
		word[n++] = *(*rest)++;
	word[n] = '\0';
	return n > 0;
}

/* From the thing to the fate that stands at [begin, end) in the text, or the other way round. */
static struct span with_thing(struct span text, size_t begin, size_t end, const char *things)
{
	size_t from = begin > REFUSAL_REACH ? begin - REFUSAL_REACH : 0, len;
	struct span near = span_sub(text, from, MIN(end + REFUSAL_REACH, text.len));
	char thing[WORD_MAX];

	while (next_word(&things, thing)) {
		ptrdiff_t at = squash_find(near, thing, &len);

		if (at >= 0)
			return span_sub(text, MIN(from + (size_t)at, begin), MAX(from + len, end));
	}
	return SPAN_NONE;
}

static struct span find_fate(struct span text, const char *fate, const char *things)
{
	for (size_t from = 0, len; from < text.len; from += len) {
		ptrdiff_t at = squash_find(span_sub(text, from, text.len), fate, &len);
		struct span found;

		if (at < 0)
			break;
		found = with_thing(text, from + (size_t)at, from + len, things);
		if (found.len)
			return found;
	}
	return SPAN_NONE;
}

struct span refusal_in(const struct span *texts, size_t count, size_t *which)
{
	struct pairs pairs = {{0}};
	char fate[WORD_MAX];

	for (size_t i = 0; i < count; i++)
		pairs_add(&pairs, texts[i]);
	for (size_t i = 0; i < ARRAY_SIZE(languages); i++)
		for (const char *fates = languages[i].fates; next_word(&fates, fate);) {
			if (!pairs_may_hold(&pairs, fate))
				continue;
			for (*which = 0; *which < count; ++*which) {
				struct span found = find_fate(texts[*which], fate, languages[i].things);

				if (found.len)
					return found;
			}
		}
	return SPAN_NONE;
}
